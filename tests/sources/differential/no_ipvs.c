/* keepalived without IPVS in the kernel: it reads and dumps its configuration all the same. Loaded by LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { IPVS = 1024 + 64 };

int getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
    static int (*below)(int, int, int, void *, socklen_t *);
    if (level == IPPROTO_IP && name >= IPVS) {
        memset(value, 0, *length);
        *(unsigned *)value = 0x010201;
        return 0;
    }
    if (!below)
        below = dlsym(RTLD_NEXT, "getsockopt");
    return below(fd, level, name, value, length);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    static int (*below)(int, int, int, const void *, socklen_t);
    if (level == IPPROTO_IP && name >= IPVS)
        return 0;
    if (!below)
        below = dlsym(RTLD_NEXT, "setsockopt");
    return below(fd, level, name, value, length);
}
