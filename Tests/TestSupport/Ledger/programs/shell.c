/* Stands for the shells of hosts: started in place of sudo, it speaks to Drover as the shell that it would start there
   does, and answers what is asked with what hosts of the lab answered, from the files of the folder $RECORDED.

   survey, notes: what every host says of its releases and of the stage; stat, pool: what HAProxy says and its pool's file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char token[256], script[1 << 20];

static void answer(const char *name, int status, const char *number) {
    char path[4096], piece[1 << 16];
    printf("%s %s\n", token, number);
    snprintf(path, sizeof path, "%s/%s", getenv("RECORDED"), name);
    FILE *file = fopen(path, "r");
    size_t count;
    while (file && (count = fread(piece, 1, sizeof piece, file)) > 0) fwrite(piece, 1, count, stdout);
    if (file) fclose(file);
    printf("%s %s %d\n", token, number, file ? status : 1);
    fprintf(stderr, "%s %s\n%s%s %s %d\n", token, number, file ? "" : "nothing is recorded\n", token, number,
            file ? status : 1);
    fflush(stdout);
}

static const char *question(void) {
    if (strstr(script, "show stat")) return "stat";
    if (strstr(script, "cksum")) return "pool";
    if (strstr(script, "tell()")) return "notes";
    if (strstr(script, "echo \"digest=")) return "survey";
    return "unknown";
}

int main(int argc, char **argv) {
    long length = atol(strstr(argv[argc - 1], "head -c ") + 8);
    if (length <= 0 || length >= (long)sizeof script || fread(script, 1, length, stdin) != (size_t)length) return 1;
    sscanf(strstr(script, "\nT=") + 3, "%255s", token);
    setvbuf(stderr, NULL, _IOFBF, 1 << 12);
    printf("%s 0 %d %d\n", token, getpid(), getsid(0));
    fprintf(stderr, "%s 0\n", token);
    fflush(stdout), fflush(stderr);
    char line[512], number[32], kind[4], bytes[32], input[32], link[4];
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%31s %3s %31s %31s %3s", number, kind, bytes, input, link) != 5) return 1;
        if (*kind == 'l') {
            if (!fgets(script, sizeof script, stdin)) return 1;
        } else {
            long count = atol(bytes);
            if (count >= (long)sizeof script || fread(script, 1, count, stdin) != (size_t)count) return 1;
            script[count] = 0;
        }
        answer(question(), 0, number);
        fflush(stderr);
    }
    return 0;
}
