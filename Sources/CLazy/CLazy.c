#include "CLazy.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

void *shipit_lazy_find(const char *library, const char *name) {
    /* The handle is never given back: the library stays for the process's life. */
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    void *found = handle ? dlsym(handle, name) : NULL;
    if (!found) {
        fprintf(stderr, "error while loading shared libraries: %s\n", dlerror());
        _exit(127);
    }
    return found;
}
