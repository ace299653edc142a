/* placeholder */
typedef int placeholder_bluesky;
