window.YTD.note_tweet.part0 = [
  {
    "noteTweet" : {
      "noteTweetId" : "1700000000000000009",
      "updatedAt" : "2024-05-01T09:00:00.000Z",
      "lifecycle" : {
        "value" : "1",
        "name" : "Active",
        "originalName" : "Active",
        "annotations" : {}
      },
      "createdAt" : "2024-05-01T09:00:00.000Z",
      "core" : {
        "styletags" : [],
        "urls" : [],
        "text" : "a long one",
        "mentions" : [
          {
            "id" : "1450000000000000004",
            "screenName" : "pavel_writes",
            "name" : "Pavel"
          }
        ],
        "cashtags" : [],
        "hashtags" : []
      }
    }
  }
]