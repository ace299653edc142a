 [ {
  "account" : {
    "email" : "nobody-may-read-this@mail.example",
    "createdVia" : "web",
    "username" : "hen_and_ink",
    "accountId" : "18000000",
    "createdAt" : "2008-12-10T10:00:00.000Z",
    "accountDisplayName" : "Hen"
  }
} ]