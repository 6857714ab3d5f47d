/* Unit tests of plugin/pack/zip.h, wheel.h, wheels.h, needs.h, sha256.h. */
#include "alloc.h"
#include "check.h"
#include "fs.h"
#include "json.h"
#include "needs.h"
#include "wheel_fixture.h"
#include "wheels.h"

static const char profiles_text[] =
    "{\"python\":\"3.13.5\",\"profiles\":[{\"name\":\"core\"},"
    "{\"name\":\"numpy\",\"packages\":"
    "[{\"name\":\"numpy\",\"version\":\"2.5.5\"}]}]}";

static void
sum(const char *text, size_t size, const char *expected)
{
    char seen[TN_SHA256_TEXT_SIZE];
    tn_sha256_text(text, size, seen);
    check_text(seen, expected);
}

static void
test_sha256(void)
{
    char many[1000];
    memset(many, 'a', sizeof many);
    sum("", 0,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sum("abc", 3,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sum("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    sum(many, 1000,
        "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
}

/* Opens the archive; NULL and *problem when it is refused. */
static struct tn_wheel *
open_bytes(const char *file, struct tn_buffer *bytes,
           struct tn_problem *problem)
{
    struct tn_wheel *wheel;
    char *data;
    size_t size;
    *problem = (struct tn_problem){0};
    check_int(tn_buffer_take(bytes, &data, &size), TN_OK);
    int status =
        tn_wheel_open(&wheel, file, data, size, "3.13.5", problem);
    check((status == TN_OK) == (wheel != NULL));
    check((status == TN_OK) == (problem->text[0] == '\0'));
    return wheel;
}

static struct tn_wheel *
open_wheel(const char *stem, const char *headers,
           const struct wheel_file *files, size_t count,
           struct tn_problem *problem)
{
    struct tn_buffer bytes = {0};
    char file[100];
    fixture_wheel(&bytes, stem, headers, files, count);
    snprintf(file, sizeof file, "%s-py3-none-any.whl", stem);
    return open_bytes(file, &bytes, problem);
}

static void
test_open(void)
{
    static const struct wheel_file files[] = {
        {"foo/__init__.py", "x = 1\n"},
        {"foo-1.0.data/purelib/bar.py", "y = 2\n"},
        {"foo-1.0.data/scripts/run", "#!python\n"},
    };
    struct tn_problem problem;
    struct tn_wheel *wheel = open_wheel(
        "foo-1.0", "License: MIT\nRequires-Dist: a>=1\nRequires-Dist: b\n"
                   "Requires-Python: >=3.8\n",
        files, 3, &problem);
    check_text(problem.text, "");
    if (wheel == NULL) {
        return;
    }
    check_text(wheel->name, "foo");
    check_text(wheel->version, "1.0");
    check_text(wheel->licence, "MIT");
    check_int(wheel->requirement_count, 2);
    check_text(wheel->requirements[0], "a>=1");
    check_text(tn_wheel_place(wheel, tn_zip_find(wheel->zip, files[1].name)),
               "bar.py");
    check(tn_wheel_place(wheel, tn_zip_find(wheel->zip, files[2].name)) ==
          NULL);
    tn_wheel_free(wheel);
}

static void
refused(const char *file, struct tn_buffer *bytes, const char *expected)
{
    struct tn_problem problem;
    struct tn_wheel *wheel = open_bytes(file, bytes, &problem);
    check(wheel == NULL);
    check_text(problem.text, expected);
    tn_wheel_free(wheel);
}

static void
test_names(void)
{
    static const char *const good[] = {
        "a-1-py3-none-any.whl", "a-1-py2.py3-none-any.whl",
        "a-1-2build-py313-none-any.whl", "a-1-cp313-none-any.whl",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct tn_buffer bytes = {0};
        struct tn_problem problem;
        fixture_wheel(&bytes, "a-1", "", NULL, 0);
        struct tn_wheel *wheel = open_bytes(good[i], &bytes, &problem);
        check_text(problem.text, "");
        tn_wheel_free(wheel);
    }
    struct tn_buffer bytes = {0};
    tn_buffer_append_text(&bytes, "not a zip");
    refused("a-1-cp313-cp313-win_amd64.whl", &bytes,
            "a-1-cp313-cp313-win_amd64.whl: a has compiled parts, for "
            "cp313-cp313-win_amd64; a report takes wheels of pure Python "
            "(py3-none-any), and this package is not built in");
    tn_buffer_append_text(&bytes, "not a zip");
    refused("a-1-py2-none-any.whl", &bytes,
            "a-1-py2-none-any.whl: a is for py2, and a report's Python is "
            "3.13.5");
    tn_buffer_append_text(&bytes, "not a zip");
    refused("a-1-py314-none-any.whl", &bytes,
            "a-1-py314-none-any.whl: a is for py314, and a report's Python "
            "is 3.13.5");
    tn_buffer_append_text(&bytes, "not a zip");
    refused("a-1.whl", &bytes,
            "a-1.whl: no wheel's file name, which is like "
            "name-1.0-py3-none-any.whl");
    tn_buffer_append_text(&bytes, "not a zip");
    refused("a-1-py3-none-any.whl", &bytes,
            "a-1-py3-none-any.whl: not a sound ZIP archive: it has no "
            "directory at its end");
}

/* Refuses a wheel a-1 with this file in it. */
static void
refuses_file(const char *name, const char *expected)
{
    struct tn_buffer bytes = {0};
    struct wheel_file file = {name, "text"};
    fixture_wheel(&bytes, "a-1", "", &file, 1);
    refused("a-1-py3-none-any.whl", &bytes, expected);
}

static void
test_paths(void)
{
    static const char *const names[] = {
        "../x", "/x", "a/../../x", "a//x", "./x", "a\\x", "c:x", "a/\x01",
        "\xff", "",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        refuses_file(names[i],
                     "a-1-py3-none-any.whl: not a sound ZIP archive: the "
                     "name of an entry is no relative path, or leads out of "
                     "the archive");
    }
    refuses_file("a-1.dist-info/METADATA",
                 "a-1-py3-none-any.whl: a-1.dist-info/METADATA is in it "
                 "twice");
    refuses_file("b-1.dist-info/METADATA",
                 "a-1-py3-none-any.whl: not a sound wheel: it has two "
                 ".dist-info directories");
}

/* Refuses a wheel a-1 of these raw entries. */
static void
refuses_entries(const struct wheel_file *files, size_t count,
                const char *expected)
{
    struct wheel_fixture fixture = {0};
    struct tn_buffer bytes = {0};
    for (size_t i = 0; i < count; i++) {
        fixture_add(&fixture, files[i].name, files[i].text,
                    strlen(files[i].text));
    }
    fixture_finish(&fixture, &bytes);
    refused("a-1-py3-none-any.whl", &bytes, expected);
}

static void
test_records(void)
{
    static const char metadata[] = "a-1.dist-info/METADATA";
    static const char record[] = "a-1.dist-info/RECORD";
    struct wheel_file files[] = {
        {metadata, "Name: a\nVersion: 1\n"},
        {record, "a-1.dist-info/METADATA,sha256=AAAA,5\n"},
    };
    refuses_entries(files, 2,
                    "a-1-py3-none-any.whl: not a sound wheel: "
                    "a-1.dist-info/METADATA is not what RECORD says by "
                    "SHA-256");
    files[1].text = "";
    refuses_entries(files, 2,
                    "a-1-py3-none-any.whl: not a sound wheel: "
                    "a-1.dist-info/METADATA is not in RECORD");
    files[1].text = "\"b,\"\"c\",sha256=AAAA,5\n";
    refuses_entries(files, 2,
                    "a-1-py3-none-any.whl: not a sound wheel: RECORD names "
                    "b,\"c, which is not in it");
    refuses_entries(files, 1,
                    "a-1-py3-none-any.whl: not a sound wheel: no RECORD in "
                    "it");
    files[0].text = "Name: b\nVersion: 1\n";
    refuses_entries(files, 2,
                    "a-1-py3-none-any.whl: not a sound wheel: its METADATA "
                    "is of another package");
    files[0].text = "Name: A\nVersion: 2\n";
    refuses_entries(files, 2,
                    "a-1-py3-none-any.whl: not a sound wheel: its METADATA "
                    "is of another version");
    files[0].text = "Name: a\nVersion: 1\nRequires-Python: >=3.14\n";
    refuses_entries(files, 2,
                    "a-1-py3-none-any.whl: it needs Python >=3.14, and a "
                    "report's is 3.13.5");
}

/* Every bit that is turned is noticed, or changes nothing that counts. */
static void
test_damage(void)
{
    static const struct wheel_file file = {"a.py", "x = 1\n"};
    struct tn_buffer sound = {0};
    size_t refused_count = 0;
    fixture_wheel(&sound, "a-1", "", &file, 1);
    for (size_t i = 0; i < sound.size; i++) {
        struct tn_buffer bytes = {0};
        struct tn_problem problem;
        tn_buffer_append(&bytes, sound.data, sound.size);
        bytes.data[i] ^= 1;
        struct tn_wheel *wheel =
            open_bytes("a-1-py3-none-any.whl", &bytes, &problem);
        refused_count += wheel == NULL;
        if (wheel != NULL) {
            char *text = NULL;
            const struct tn_zip_entry *entry =
                tn_zip_find(wheel->zip, "a.py");
            check_int(tn_zip_read(wheel->zip, entry, &text, &problem), TN_OK);
            check_text(text, "x = 1\n");
            tn_free(text);
        }
        tn_wheel_free(wheel);
    }
    /* Times, versions and attributes are what nobody looks at. */
    check(refused_count > sound.size * 3 / 4);
    tn_buffer_clear(&sound);
}

static void
add(struct tn_wheels *wheels, const char *stem, const char *headers,
    const struct wheel_file *files, size_t count)
{
    struct tn_problem problem;
    struct tn_wheel *wheel =
        open_wheel(stem, headers, files, count, &problem);
    check_text(problem.text, "");
    check_int(tn_wheels_add(wheels, wheel, &problem), TN_OK);
}

static void
tell_time(void *context, struct timespec *out)
{
    (void)context;
    *out = (struct timespec){.tv_sec = 1};
}

static void
check_file(struct tn_fs *fs, const char *path, const char *expected)
{
    char *bytes = NULL;
    size_t size = 0;
    check_int(tn_fs_read_file(fs, path, &bytes, &size), 0);
    check_int(size, strlen(expected));
    check(bytes != NULL && memcmp(bytes, expected, size) == 0);
    tn_free(bytes);
}

static void
test_image(void)
{
    static const struct wheel_file b[] = {{"space/b.py", "b = 1\n"},
                                          {"twin.py", "b\n"},
                                          {"same.py", "s\n"}};
    static const struct wheel_file a[] = {{"space/deep/a.py", ""},
                                          {"space-x/a.py", "a = 1\n"},
                                          {"twin.py", "a\n"},
                                          {"same.py", "s\n"}};
    struct tn_wheels wheels = {0};
    struct tn_buffer notes = {0};
    struct tn_problem problem = {0};
    struct tn_fs_config config = {.now = tell_time};
    struct tn_fs *fs = NULL;
    char *image;
    size_t size;
    add(&wheels, "b-1", "", b, 3);
    add(&wheels, "a-1", "", a, 4);
    check(tn_wheels_has_module(&wheels, "space", 5));
    check(tn_wheels_has_module(&wheels, "twin", 4));
    check(!tn_wheels_has_module(&wheels, "spac", 4));
    check(!tn_wheels_has_module(&wheels, "deep", 4));
    check_int(tn_wheels_make_image(&wheels, &image, &size, &notes, &problem),
              TN_OK);
    check_text(notes.data, "b-1-py3-none-any.whl: warning: its twin.py is "
                           "left out: a-1-py3-none-any.whl has one too\n");
    check_int(tn_fs_new(&fs, &config), 0);
    check_int(tn_fs_mount(fs, "/s", "wheels.image", image, size,
                          TN_FS_IMAGE_BORROWED),
              0);
    check_file(fs, "/s/space/b.py", "b = 1\n");
    check_file(fs, "/s/space/deep/a.py", "");
    check_file(fs, "/s/space-x/a.py", "a = 1\n");
    check_file(fs, "/s/twin.py", "a\n");
    tn_fs_free(fs);
    tn_free(image);
    tn_buffer_clear(&notes);
    tn_wheels_clear(&wheels);
}

/* What the needs of wheels a-1, with these headers, and b-2 come to. */
static void
needs(const char *headers, int expected_status, const char *expected_packages,
      const char *expected_text)
{
    struct tn_wheels wheels = {0};
    struct tn_buffer packages = {0};
    struct tn_buffer notes = {0};
    struct tn_problem problem = {0};
    struct tn_json *json;
    check_int(tn_json_parse(&json, profiles_text, sizeof profiles_text - 1,
                            NULL),
              TN_OK);
    add(&wheels, "a-1", headers, NULL, 0);
    add(&wheels, "b-2", "Requires-Dist: Numpy>=1", NULL, 0);
    check_int(tn_needs_find(&wheels, tn_json_root(json), &packages, &notes,
                            &problem),
              expected_status);
    check_text(packages.size != 0 ? packages.data : "", expected_packages);
    check_text(notes.size != 0 ? notes.data : problem.text, expected_text);
    tn_json_free(json);
    tn_buffer_clear(&packages);
    tn_buffer_clear(&notes);
    tn_wheels_clear(&wheels);
}

static void
test_needs(void)
{
    needs("", TN_OK, "\nnumpy\n", "");
    needs("Requires-Dist: numpy<3\nRequires-Dist: B==2.0", TN_OK,
          "\nnumpy\n", "");
    needs("Requires-Dist: c; extra == 'd'", TN_OK, "\nnumpy\n", "");
    needs("Requires-Dist: c; sys_platform == 'emscripten'", TN_OK,
          "\nnumpy\n",
          "a-1-py3-none-any.whl: warning: it needs c, which is not in the "
          "report; add --requirements c\n");
    needs("Requires-Dist: numpy (<2)", TN_ERROR_INVALID, "",
          "a-1-py3-none-any.whl: it needs numpy <2, but the one that is "
          "built in is 2.5.5");
    needs("Requires-Dist: b>2", TN_ERROR_INVALID, "",
          "a-1-py3-none-any.whl: it needs b >2, but the wheel beside it is "
          "2");
}

static void
test_drop(void)
{
    static const char profile[] =
        "{\"packages\":[{\"name\":\"B\",\"version\":\"2.0\"},"
        "{\"name\":\"c\",\"version\":\"1\"}]}";
    struct tn_wheels wheels = {0};
    struct tn_problem problem = {0};
    struct tn_json *json;
    check_int(tn_json_parse(&json, profile, sizeof profile - 1, NULL), TN_OK);
    add(&wheels, "a-1", "", NULL, 0);
    add(&wheels, "b-2", "", NULL, 0);
    check_int(tn_needs_drop(&wheels, tn_json_root(json), &problem), TN_OK);
    check_int(wheels.count, 1);
    check_text(wheels.items[0]->name, "a");
    add(&wheels, "c-2", "", NULL, 0);
    check_int(tn_needs_drop(&wheels, tn_json_root(json), &problem),
              TN_ERROR_INVALID);
    check_text(problem.text,
               "c-2-py3-none-any.whl: c 1 is built in; leave the wheel out");
    tn_json_free(json);
    tn_wheels_clear(&wheels);
}

int
main(void)
{
    run_test(test_drop);
    run_test(test_sha256);
    run_test(test_open);
    run_test(test_names);
    run_test(test_paths);
    run_test(test_records);
    run_test(test_damage);
    run_test(test_image);
    run_test(test_needs);
    return check_report();
}
