 [ {
  "follower" : {
    "accountId" : "18000002",
    "userLink" : "https://twitter.com/intent/user?user_id=18000002"
  }
} ]