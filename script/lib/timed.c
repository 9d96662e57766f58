// timed: is the program that it is called after, and says when that begins and ends.
//
// It appends `begin PID SECONDS NAME` and `end PID SECONDS NAME` to the file SHIPIT_BENCH_CALLS; the real programs are in the folder
// SHIPIT_BENCH_PROGRAMS. In C, since a shell takes longer to start than what is to be measured.
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *word, pid_t process, const char *name)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    FILE *file = fopen(getenv("SHIPIT_BENCH_CALLS"), "a");
    if (!file) exit(127);
    fprintf(file, "%s %d %ld.%09ld %s\n", word, process, (long)now.tv_sec, now.tv_nsec, name);
    fclose(file);
}

int main(int count, char **arguments)
{
    (void)count;
    char program[4096];
    const char *name = basename(arguments[0]);
    snprintf(program, sizeof program, "%s/%s", getenv("SHIPIT_BENCH_PROGRAMS"), name);
    say("begin", getpid(), name);
    pid_t child = fork();
    if (child == 0) {
        execv(program, arguments);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    say("end", getpid(), name);
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    return WEXITSTATUS(status);
}
