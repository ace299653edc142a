/* placeholder */
typedef int placeholder_views;
