/* bridge/base/banned.h
 *
 * Functions that do not compile here, each with what to use instead.
 *
 * The compiler is told to include this file before every source file of ours (CMakeLists.txt), after
 * the system headers that declare these names.
 */
#ifndef SKEIN_BASE_BANNED_H
#define SKEIN_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SKEIN_BANNED(function, instead) function##_is_banned_use_##instead

#undef strcpy
#define strcpy(x, y) SKEIN_BANNED(strcpy, buf_add)
#undef strcat
#define strcat(x, y) SKEIN_BANNED(strcat, buf_add)
#undef strncpy
#define strncpy(x, y, n) SKEIN_BANNED(strncpy, arena_text)
#undef strncat
#define strncat(x, y, n) SKEIN_BANNED(strncat, buf_add)
#undef sprintf
#define sprintf(...) SKEIN_BANNED(sprintf, buf_printf)
#undef vsprintf
#define vsprintf(...) SKEIN_BANNED(vsprintf, buf_printf)
#undef strtok
#define strtok(x, y) SKEIN_BANNED(strtok, text_cut)
#undef atoi
#define atoi(x) SKEIN_BANNED(atoi, text_to_i64)
#undef atol
#define atol(x) SKEIN_BANNED(atol, text_to_i64)
#undef atoll
#define atoll(x) SKEIN_BANNED(atoll, text_to_i64)
#undef atof
#define atof(x) SKEIN_BANNED(atof, strtod)
#undef gmtime
#define gmtime(x) SKEIN_BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(x) SKEIN_BANNED(localtime, gmtime_r)
#undef ctime
#define ctime(x) SKEIN_BANNED(ctime, clock_print)
#undef asctime
#define asctime(x) SKEIN_BANNED(asctime, clock_print)
#undef rand
#define rand() SKEIN_BANNED(rand, random_bytes)
#undef random
#define random() SKEIN_BANNED(random, random_bytes)

#endif
