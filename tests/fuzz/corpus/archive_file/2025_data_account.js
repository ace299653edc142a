window.YTD.account.part0 = [
  {
    "account" : {
      "email" : "nobody-may-read-this@mail.example",
      "createdVia" : "web",
      "username" : "MarenOkafor",
      "accountId" : "2244990000",
      "createdAt" : "2013-12-14T04:35:55.000Z",
      "accountDisplayName" : "Maren Okafor"
    }
  }
]