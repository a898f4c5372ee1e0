/* A PKCS#11 module that is SoftHSM (REAL_MODULE) but for one FAULT, at the token with the serial FAULTY_SERIAL. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long word;
typedef word (*call)();
/* CK_FUNCTION_LIST (PKCS#11 2.40, 3.7): a version, then the functions in this order */
struct list { unsigned char major, minor; call at[68]; };
enum { INITIALIZE = 0, GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, OPEN_SESSION = 12, LOGIN = 18, SIGN_INIT = 42, SIGN = 43 };
enum { SERIAL_AT = 80, SERIAL_SIZE = 16, TOKEN_INFO_SIZE = 512, MAX_SLOTS = 16 };
enum { CKR_DEVICE_ERROR = 0x30, CKR_PIN_LOCKED = 0xA4 };

static struct list *real, ours;
static int faulty;

static int fault(const char *name) { return strcmp(getenv("FAULT"), name) == 0; }

static word initialize(void *arguments) {
    if (fault("talks")) { puts("debug: initialised"); fflush(stdout); }
    if (fault("crashes when it is loaded")) abort();
    return real->at[INITIALIZE](arguments);
}

static word get_slot_list(unsigned char present, word *slots, word *count) {
    if (!fault("shows three slots of one token")) return real->at[GET_SLOT_LIST](present, slots, count);
    word all[MAX_SLOTS], size = MAX_SLOTS;
    word result = real->at[GET_SLOT_LIST](present, all, &size);
    *count = 3;
    if (slots) slots[0] = slots[1] = slots[2] = all[0];
    return result;
}

static word open_session(word slot, word flags, void *application, void *notify, word *session) {
    char info[TOKEN_INFO_SIZE];
    real->at[GET_TOKEN_INFO](slot, info);
    faulty = memcmp(info + SERIAL_AT, getenv("FAULTY_SERIAL"), SERIAL_SIZE) == 0;
    return real->at[OPEN_SESSION](slot, flags, application, notify, session);
}

static word login(word session, word user, char *pin, word length) {
    if (faulty && fault("has locked the PIN")) return CKR_PIN_LOCKED;
    return real->at[LOGIN](session, user, pin, length);
}

static word sign_init(word session, void *mechanism, word key) {
    if (faulty && fault("breaks")) return CKR_DEVICE_ERROR;
    return real->at[SIGN_INIT](session, mechanism, key);
}

static word sign(word session, char *data, word length, char *signature, word *size) {
    if (faulty && fault("crashes")) *(volatile int *)0 = 1;
    while (faulty && fault("hangs")) sleep(1);
    return real->at[SIGN](session, data, length, signature, size);
}

word C_GetFunctionList(struct list **given) {
    word (*get)(struct list **) = dlsym(dlopen(getenv("REAL_MODULE"), RTLD_NOW), "C_GetFunctionList");
    word result = get(&real);
    ours = *real;
    ours.at[INITIALIZE] = (call)initialize;
    ours.at[GET_SLOT_LIST] = (call)get_slot_list;
    ours.at[OPEN_SESSION] = (call)open_session;
    ours.at[LOGIN] = (call)login;
    ours.at[SIGN_INIT] = (call)sign_init;
    ours.at[SIGN] = (call)sign;
    *given = &ours;
    return result;
}
