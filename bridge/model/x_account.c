/* bridge/model/x_account.c
 *
 * Handles as keys.
 */
#include "model/x_account.h"

#include "base/limits.h"
#include "base/map.h"

uint64_t x_handle_hash(struct text handle)
{
    char folded[LIMIT_X_HANDLE];
    handle = text_slice(handle, 0, sizeof folded);
    for (size_t i = 0; i < handle.len; i++)
        folded[i] = byte_lower(handle.data[i]);
    return map_hash((struct text){folded, handle.len});
}
