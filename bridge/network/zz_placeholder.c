/* placeholder */
typedef int placeholder_network;
