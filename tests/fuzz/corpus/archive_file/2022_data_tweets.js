window.YTD.tweets.part0 = [
  {
    "tweet" : {
      "edit_info" : {
        "initial" : {
          "editTweetIds" : [
            "1590000000000000001"
          ],
          "editableUntil" : "2023-02-18T13:03:11.000Z",
          "editsRemaining" : "5",
          "isEditEligible" : true
        }
      },
      "retweeted" : false,
      "source" : "<a href=\"https://mobile.twitter.com\" rel=\"nofollow\">Twitter Web App</a>",
      "entities" : {
        "hashtags" : [],
        "symbols" : [],
        "user_mentions" : [
          {
            "name" : "Ansel Holm",
            "screen_name" : "AnselHolm",
            "indices" : [
              "0",
              "9"
            ],
            "id_str" : "310000001",
            "id" : "310000001"
          }
        ],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "80"
      ],
      "favorite_count" : "3",
      "id_str" : "1590000000000000001",
      "truncated" : false,
      "retweet_count" : "0",
      "id" : "1590000000000000001",
      "created_at" : "Mon Nov 07 20:15:00 +0000 2022",
      "favorited" : false,
      "full_text" : "@AnselHolm leaving?",
      "lang" : "en"
    }
  }
]