﻿
window.YTD.following.part0 = [ {
  "following" : {
    "accountId" : "99001"
  }
}, {
  "following" : {
    "accountId" : "99002"
  }
} ];
