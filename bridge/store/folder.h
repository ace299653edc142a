/* bridge/store/folder.h
 *
 * Folders that hold what must not be lost: whose they are, on what file system they lie, and that names in them last.
 *
 * All return 0 or an error with a sentence that names the path and says what to do. Any thread.
 */
#ifndef SKEIN_STORE_FOLDER_H
#define SKEIN_STORE_FOLDER_H

#include "base/err.h"
#include "base/text.h"

/* Makes the folder (0700) where it is missing; its parent must exist. E_FORBIDDEN: it is somebody else's, or others may
 * write to it. */
int folder_make(const char *path, struct err *err);

/* E_FORBIDDEN on a network file system: there locks can be lost or mean nothing, SQLite's shared memory is not shared,
 * and fsync may answer before anything is on a disk. */
int folder_check_local(const char *path, struct err *err);

/* Its name for people ("NFS"), or NULL for a local one, by statfs's f_type. FUSE says nothing by itself. */
const char *folder_network_type(long type);

/* Is the FUSE mount of this device a network file system, by the text of /proc/self/mountinfo? Unknown ones count as
 * local: whoever writes a file system of their own knows what it does. */
bool folder_network_fuse(struct text mountinfo, unsigned major, unsigned minor, struct text *ret_type);

/* fsync of the folder: files that were made, renamed or removed in it stay so after a power cut. */
int folder_sync(const char *path, struct err *err);

/* The folder of a file: "." where its path has none. Owned by the caller, to be freed; NULL without memory. */
char *folder_of(const char *file);

/* An exclusive flock on the file `path`, made where it is missing (0600), which then holds our process id. E_BUSY with
 * the holder's. The lock lasts until the descriptor is closed or the process dies. */
int folder_lock(const char *path, int *ret_fd, struct err *err);

#endif
