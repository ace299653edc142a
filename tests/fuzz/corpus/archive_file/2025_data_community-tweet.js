window.YTD.community_tweet.part0 = [
  {
    "tweet" : {
      "edit_info" : {
        "initial" : {
          "editTweetIds" : [
            "1700000000000000010"
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
            "name" : "Group Friend",
            "screen_name" : "GroupFriend",
            "indices" : [
              "0",
              "9"
            ],
            "id_str" : "1450000000000000088",
            "id" : "1450000000000000088"
          }
        ],
        "urls" : []
      },
      "display_text_range" : [
        "0",
        "80"
      ],
      "favorite_count" : "3",
      "id_str" : "1700000000000000010",
      "truncated" : false,
      "retweet_count" : "0",
      "id" : "1700000000000000010",
      "created_at" : "Sat Jun 01 09:00:00 +0000 2024",
      "favorited" : false,
      "full_text" : "@GroupFriend hi",
      "lang" : "en",
      "community_id_str" : "1"
    }
  }
]