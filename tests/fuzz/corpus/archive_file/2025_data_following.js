window.YTD.following.part0 = [
  {
    "following" : {
      "accountId" : "2244994001",
      "userLink" : "https://twitter.com/intent/user?user_id=2244994001"
    }
  },
  {
    "following" : {
      "accountId" : "2244994002",
      "userLink" : "https://twitter.com/intent/user?user_id=2244994002"
    }
  },
  {
    "following" : {
      "accountId" : "1450000000000000003",
      "userLink" : "https://twitter.com/intent/user?user_id=1450000000000000003"
    }
  },
  {
    "following" : {
      "accountId" : "1450000000000000004",
      "userLink" : "https://twitter.com/intent/user?user_id=1450000000000000004"
    }
  },
  {
    "following" : {
      "accountId" : "1450000000000000005",
      "userLink" : "https://twitter.com/intent/user?user_id=1450000000000000005"
    }
  }
]