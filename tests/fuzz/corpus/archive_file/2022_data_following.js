window.YTD.following.part0 = [
  {
    "following" : {
      "accountId" : "310000001",
      "userLink" : "https://twitter.com/intent/user?user_id=310000001"
    }
  },
  {
    "following" : {
      "accountId" : "310000002",
      "userLink" : "https://twitter.com/intent/user?user_id=310000002"
    }
  }
]