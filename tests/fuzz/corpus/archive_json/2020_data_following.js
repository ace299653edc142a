 [ {
  "following" : {
    "accountId" : "18000001",
    "userLink" : "https://twitter.com/intent/user?user_id=18000001"
  }
}, {
  "following" : {
    "accountId" : "18000002",
    "userLink" : "https://twitter.com/intent/user?user_id=18000002"
  }
}, {
  "following" : {
    "accountId" : "18000003",
    "userLink" : "https://twitter.com/intent/user?user_id=18000003"
  }
} ]