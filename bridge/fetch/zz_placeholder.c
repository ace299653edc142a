/* placeholder */
typedef int placeholder_fetch;
