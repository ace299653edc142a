/* placeholder */
typedef int placeholder_linkage;
