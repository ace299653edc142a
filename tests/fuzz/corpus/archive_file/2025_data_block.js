window.YTD.block.part0 = [
  {
    "blocking" : {
      "accountId" : "1450000000000000090",
      "userLink" : "https://twitter.com/intent/user?user_id=1450000000000000090"
    }
  }
]