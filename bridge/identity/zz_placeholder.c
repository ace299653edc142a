/* placeholder */
typedef int placeholder_identity;
