window.YTD.direct_messages.part0 = [
  {
    "dmConversation" : {
      "conversationId" : "2244990000-2244994001",
      "messages" : [
        {
          "messageCreate" : {
            "id" : "1",
            "senderId" : "2244990000",
            "recipientId" : "2244994001",
            "text" : "nobody-may-read-this",
            "createdAt" : "2024-05-01T09:00:00.000Z",
            "mediaUrls" : [],
            "urls" : [],
            "reactions" : []
          }
        }
      ]
    }
  }
]