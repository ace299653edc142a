Grailbird.data.tweets_2014_05 = 
[ {
  "source" : "web",
  "text" : "caf\u00e9",
  "id_str" : "470000000000000000",
  "user" : { "name" : "Old", "screen_name" : "old", "id_str" : "1" }
} ]