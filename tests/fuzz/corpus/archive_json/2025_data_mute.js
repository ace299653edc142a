 [
  {
    "muting" : {
      "accountId" : "1450000000000000091",
      "userLink" : "https://twitter.com/intent/user?user_id=1450000000000000091"
    }
  }
]