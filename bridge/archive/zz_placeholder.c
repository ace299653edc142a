/* placeholder */
typedef int placeholder_archive;
