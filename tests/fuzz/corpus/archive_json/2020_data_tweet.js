 [ {
  "tweet" : {
    "edit_info" : {
        "initial" : {
            "editTweetIds" : [
                "1250000000000000001"
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
                "name" : "Dora &quot;Quill&quot; O&#39;Hare &lt;3",
                "screen_name" : "quill_dora",
                "indices" : [
                    "0",
                    "9"
                ],
                "id_str" : "18000002",
                "id" : "18000002"
            }
        ],
        "urls" : []
    },
    "display_text_range" : [
        "0",
        "80"
    ],
    "favorite_count" : "3",
    "id_str" : "1250000000000000001",
    "truncated" : false,
    "retweet_count" : "0",
    "id" : "1250000000000000001",
    "created_at" : "Wed Apr 15 07:45:00 +0000 2020",
    "favorited" : false,
    "full_text" : "@quill_dora &lt;3",
    "lang" : "en"
  }
} ]