window.__THAR_CONFIG = {
  "userInfo" : {
    "accountId" : "310000000",
    "userName" : "zofia_reads",
    "displayName" : "Zofia"
  },
  "archiveInfo" : {
    "sizeBytes" : "1",
    "generationDate" : "2022-11-12T08:00:00.000Z",
    "isPartialArchive" : false,
    "maxPartSizeBytes" : "53687091200"
  },
  "dataTypes" : {
    "following" : {
      "files" : [
        {
          "fileName" : "data/following.js",
          "globalName" : "YTD.following.part0",
          "count" : "1"
        }
      ]
    },
    "tweets" : {
      "files" : [
        {
          "fileName" : "data/tweets.js",
          "globalName" : "YTD.tweets.part0",
          "count" : "1"
        }
      ]
    }
  }
}