window.YTD.follower.part0 = [
  {
    "follower" : {
      "accountId" : "2244994002",
      "userLink" : "https://twitter.com/intent/user?user_id=2244994002"
    }
  },
  {
    "follower" : {
      "accountId" : "1450000000000000077",
      "userLink" : "https://twitter.com/intent/user?user_id=1450000000000000077"
    }
  }
]