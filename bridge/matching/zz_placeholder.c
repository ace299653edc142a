/* placeholder */
typedef int placeholder_matching;
