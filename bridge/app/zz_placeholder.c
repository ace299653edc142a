/* placeholder */
typedef int placeholder_app;
