using System.Net.Http.Json;
using System.Text;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Platform.Data;
using Parley.Platform.Objects;
using Parley.Testkit;
using Parley.Testkit.Documents;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;
using static Parley.Tests.Integration.Knowledge.KnowledgeWorld;

namespace Parley.Tests.Integration.Knowledge;

public sealed class ImportTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly (string, byte[])[] Guides =
    [
        File("cron.md", "---\ntitle: Cron jobs\n---\n## Why isn't my cron running?\n\nA cron run that has not ended keeps the next one from starting. Close open connections.\n\n- one\n- two"),
        File("guides/deploy.md", "# Deploying\n\nPush to the main branch and the service is built.\n\n```sh\ngit push\n```"),
        File("plans.html", "<html lang=en><head><title>Plans</title></head><body><nav>menu</nav><main><h1>Plans</h1><p>The hobby plan costs five dollars.</p></main></body></html>"),
    ];

    private ParleyHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await IdentityHost.StartAsync(postgres);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Files_become_documents_that_answer()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();

        var import = await client.ImportAsync("Docs", "complete", Guides);

        import.Text("state").ShouldBe("succeeded");
        (import.Int("total"), import.Int("added"), import.Int("failed")).ShouldBe((3, 3, 0));
        var source = await client.GetJsonAsync($"/v1/knowledge/sources/{import.Text("sourceId")}");
        (source.Int("documents"), source.Int("chunks"), source.Text("audience")).ShouldBe((3, import.Int("chunks"), "public"));
        source.GetProperty("lastImport").Text("state").ShouldBe("succeeded");
        var cron = (await client.DocumentsAsync(source.GetProperty("id").GetGuid())).Single(d => d.Text("path") == "cron.md");
        var detail = await client.GetJsonAsync($"/v1/knowledge/documents/{cron.Text("id")}");
        var section = detail.GetProperty("sections").EnumerateArray().Single();
        section.GetProperty("headingPath")[0].GetString().ShouldBe("Why isn't my cron running?");
        section.Text("anchor").ShouldBe("why-isnt-my-cron-running");
        section.GetProperty("chunks").EnumerateArray().Single().Text("text").ShouldBe(section.Text("text"));

        var result = await _host.SearchAsync(tenant.Id, "why is my cron job not running");
        result.Documents[0].Title.ShouldBe("Cron jobs");
        var evidence = await _host.EvidenceAsync(tenant.Id, result);
        evidence[0].Text.ShouldStartWith("A cron run that has not ended");
        (evidence[0].Title, evidence[0].Anchor, evidence[0].Audience, evidence[0].SourceName).ShouldBe(("Cron jobs", "why-isnt-my-cron-running", "public", "Docs"));
    }

    [Fact]
    public async Task A_file_that_is_uploaded_while_its_last_copy_is_being_deleted_is_kept()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var earlier = (await client.CreateImportAsync("Earlier")).GetProperty("id").GetGuid();
        using (var uploaded = await client.UploadAsync(earlier, Guides)) uploaded.EnsureSuccessStatusCode();
        using (var cancelled = await client.PostAsync($"/v1/knowledge/imports/{earlier}/cancel", null)) cancelled.EnsureSuccessStatusCode();
        var import = (await client.CreateImportAsync("Now")).GetProperty("id").GetGuid();

        // A sweep, stopped before its commit.
        await using var sweep = await _host.Database.Everything.OpenConnectionAsync();
        await using var transaction = await sweep.BeginTransactionAsync();
        var hashes = (await SqlMapper.QueryAsync<byte[]>(sweep, "delete from objects where tenant_id = @Id returning hash", new { tenant.Id })).AsList();
        hashes.Count.ShouldBe(3);
        var uploading = client.UploadAsync(import, Guides);
        while (await SqlMapper.QuerySingleAsync<int>(sweep, "select count(*)::int from pg_locks where not granted") == 0) await Task.Delay(10);
        foreach (var hash in hashes) await _host.Services.GetRequiredService<ObjectStore>().RemoveAsync(tenant.Id, hash, default);
        await transaction.CommitAsync();

        using (var uploaded = await uploading) uploaded.EnsureSuccessStatusCode();
        using (var started = await client.PostAsync($"/v1/knowledge/imports/{import}/start", null)) started.EnsureSuccessStatusCode();
        var ended = await client.EndAsync(import);
        (ended.Text("state"), ended.Int("added"), ended.Int("failed")).ShouldBe(("succeeded", 3, 0));
    }

    [Fact]
    public async Task A_second_import_touches_only_what_changed_and_removes_what_vanished()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var first = await client.ImportAsync("Docs", "complete", Guides);
        var sourceId = first.GetProperty("sourceId").GetGuid();
        var before = (await client.DocumentsAsync(sourceId)).ToDictionary(d => d.Text("path")!);
        var chunks = (await client.GetJsonAsync($"/v1/knowledge/documents/{before["cron.md"].Text("id")}")).GetProperty("sections").ToString();

        var second = await client.ImportAsync("Docs", "complete", Guides[0], File("guides/deploy.md", "# Deploying\n\nNow it is different."), File("new.txt", "Something new."));

        second.GetProperty("sourceId").GetGuid().ShouldBe(sourceId);
        (second.Int("added"), second.Int("changed"), second.Int("unchanged"), second.Int("removed"), second.Int("failed")).ShouldBe((1, 1, 1, 1, 0));
        var after = (await client.DocumentsAsync(sourceId)).ToDictionary(d => d.Text("path")!);
        after.Keys.ShouldBe(["cron.md", "guides/deploy.md", "new.txt"], ignoreOrder: true);
        (after["cron.md"].Text("id"), after["cron.md"].Int("version"), after["cron.md"].Text("updatedAt")).ShouldBe(
            (before["cron.md"].Text("id"), 1, before["cron.md"].Text("updatedAt")));
        (await client.GetJsonAsync($"/v1/knowledge/documents/{before["cron.md"].Text("id")}")).GetProperty("sections").ToString().ShouldBe(chunks);
        (after["guides/deploy.md"].Text("id"), after["guides/deploy.md"].Int("version")).ShouldBe((before["guides/deploy.md"].Text("id"), 2));
        (await client.GetAsync($"/v1/knowledge/documents/{before["plans.html"].Text("id")}")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);

        var partial = await client.ImportAsync("Docs", "partial", File("cron.md", "# Cron\n\nOnly this."));
        (partial.Int("changed"), partial.Int("removed")).ShouldBe((1, 0));
        (await client.DocumentsAsync(sourceId)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Every_file_that_cannot_be_read_is_told_with_its_reason_and_the_others_go_in()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var id = (await client.CreateImportAsync("Mixed")).GetProperty("id").GetGuid();

        using var response = await client.UploadAsync(id,
            File("good.md", "# Good\n\nText."), ("empty.md", []), File("code.js", "let a;"), File("../up.md", "x"), File("/etc/passwd.md", "x"), File("C:\\x.md", "x"),
            File("a/./b//c.md", "# Nested\n\nText."), ("image.md", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0]), ("binary.txt", [1, 0, 2, 0, 3]),
            ("bad-utf8.md", [.. "# Latin\n\nGr"u8, 0xFC, 0xDF, .. "e."u8]));

        var uploaded = await response.JsonAsync();
        uploaded.Int("accepted").ShouldBe(5);
        uploaded.GetProperty("rejected").EnumerateArray().Select(r => r.Text("reason")!).ShouldBe(
        [
            "The file is empty.", "Files of type .js are not read. Parley reads Markdown, HTML, PDF, Word, PowerPoint, Excel, CSV, AsciiDoc, reStructuredText, plain text and ZIP archives of these.", "The path leaves its folder ('..').",
            "The path is absolute. Give it relative to the folder.", "The path is absolute. Give it relative to the folder.",
        ]);
        (await client.PostAsync($"/v1/knowledge/imports/{id}/start", null)).EnsureSuccessStatusCode();
        var import = await client.EndAsync(id);

        import.Text("state").ShouldBe("succeeded");
        (import.Int("total"), import.Int("added"), import.Int("failed")).ShouldBe((10, 3, 7));
        var failed = (await client.GetJsonAsync($"/v1/knowledge/imports/{id}/files?state=failed")).GetProperty("items").EnumerateArray().ToDictionary(f => f.Text("path")!, f => f.Text("reason")!);
        failed.Count.ShouldBe(7);
        failed["image.md"].ShouldContain("PNG");
        failed["binary.txt"].ShouldContain("binary");
        (await client.DocumentsAsync(import.GetProperty("sourceId").GetGuid())).Select(d => d.Text("path")).ShouldBe(["good.md", "a/b/c.md", "bad-utf8.md"], ignoreOrder: true);
        (await _host.SearchAsync(tenant.Id, "Grüße")).Documents.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Scripts_in_files_are_inert_wherever_they_come_out()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();

        var import = await client.ImportAsync("Docs", "complete",
            File("x.html", "<html><body><h1>Hi<script>alert('h1')</script></h1><p onclick=\"alert('attr')\">Text<img src=x onerror=alert('img')> and <a href=\"javascript:alert('link')\">link</a></p></body></html>"),
            File("y.md", "# T\n\nText [link](javascript:alert('md')) <img src=x onerror=alert('md')> <script>alert('md')</script> end"));

        foreach (var document in await client.DocumentsAsync(import.GetProperty("sourceId").GetGuid()))
        {
            var text = await client.GetStringAsync($"/v1/knowledge/documents/{document.Text("id")}");
            text.ShouldNotContain("alert");
            text.ShouldNotContain("javascript");
            text.ShouldNotContain("onerror");
        }
    }

    [Fact]
    public async Task Two_imports_of_one_source_at_once_are_refused()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var first = (await client.CreateImportAsync("Docs")).GetProperty("id").GetGuid();

        using var second = await client.PostAsJsonAsync("/v1/knowledge/imports", new { name = "Docs", canonical = "Docs", mode = "complete" });
        await second.ShouldFailAsync(409, "import.running");
        (await second.Content.ReadAsStringAsync()).ShouldContain(first.ToString());

        using var other = await client.PostAsJsonAsync("/v1/knowledge/imports", new { name = "Docs" });
        await other.ShouldFailAsync(409, "source.exists");

        (await client.PostAsync($"/v1/knowledge/imports/{first}/cancel", null)).EnsureSuccessStatusCode();
        using var late = await client.UploadAsync(first, Guides);
        await late.ShouldFailAsync(409, "import.not_uploading");
        await client.CreateImportAsync("Docs");
    }

    [Fact]
    public async Task An_upload_that_was_given_up_does_not_block_its_source_for_ever()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var first = (await client.CreateImportAsync("Docs")).GetProperty("id").GetGuid();

        _host.Time.Advance(TimeSpan.FromMinutes(3));

        await client.CreateImportAsync("Docs");
        (await client.GetJsonAsync($"/v1/knowledge/imports/{first}")).Text("state").ShouldBe("cancelled");
    }

    [Fact]
    public async Task Bad_requests_name_the_field_and_change_nothing()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        foreach (var (body, field) in new (object, string)[]
        {
            (new { }, "name"), (new { name = "  " }, "name"), (new { name = new string('x', 201) }, "name"), (new { name = "a", mode = "all" }, "mode"),
            (new { name = "a", audience = "nobody" }, "audience"), (new { name = "a", language = "english" }, "language"), (new { name = "a", kind = "ftp" }, "kind"),
        })
        {
            using var response = await client.PostAsJsonAsync("/v1/knowledge/imports", body);
            await response.ShouldFailAsync(400, "invalid", field);
        }
        using var unknown = await client.PostAsJsonAsync("/v1/knowledge/imports", new { sourceId = Guid.CreateVersion7() });
        await unknown.ShouldFailAsync(404, "not_found");
        (await client.GetJsonAsync("/v1/knowledge/sources")).GetProperty("items").GetArrayLength().ShouldBe(0);

        var id = (await client.CreateImportAsync("Docs")).GetProperty("id").GetGuid();
        using var empty = await client.PostAsync($"/v1/knowledge/imports/{id}/start", null);
        await empty.ShouldFailAsync(400, "import.empty");
        using var json = await client.PostAsJsonAsync($"/v1/knowledge/imports/{id}/files", new { a = 1 });
        await json.ShouldFailAsync(415, "upload.not_multipart");
        using var cut = new StringContent("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.md\"\r\n\r\nhalf a fi");
        cut.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        using var torn = await client.PostAsync($"/v1/knowledge/imports/{id}/files", cut);
        await torn.ShouldFailAsync(400, "upload.malformed");
        (await client.GetJsonAsync($"/v1/knowledge/imports/{id}")).Int("total").ShouldBe(0);
        using var noImport = await client.UploadAsync(Guid.CreateVersion7(), Guides);
        await noImport.ShouldFailAsync(404, "not_found");
    }

    [Fact]
    public async Task An_import_of_which_nothing_can_be_read_removes_nothing()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var first = await client.ImportAsync("Docs", "complete", Guides);

        var second = await client.ImportAsync("Docs", "complete", ("broken.md", [1, 0, 2]));

        (second.Text("state"), second.Int("removed")).ShouldBe(("failed", 0));
        second.Text("error").ShouldNotBeNull();
        (await client.DocumentsAsync(first.GetProperty("sourceId").GetGuid())).Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_that_became_unreadable_keeps_its_last_good_document()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var first = await client.ImportAsync("Docs", "complete", Guides);

        var second = await client.ImportAsync("Docs", "complete", ("cron.md", [0, 1, 2]), Guides[1], Guides[2]);

        (second.Text("state"), second.Int("failed"), second.Int("unchanged"), second.Int("removed")).ShouldBe(("succeeded", 1, 2, 0));
        (await client.DocumentsAsync(first.GetProperty("sourceId").GetGuid())).Count.ShouldBe(3);
    }

    [Fact]
    public async Task Deletion_is_exact_and_immediate()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var import = await client.ImportAsync("Docs", "complete", Guides);
        var found = await _host.SearchAsync(tenant.Id, "why is my cron not running");
        (await _host.EvidenceAsync(tenant.Id, found)).ShouldNotBeEmpty();
        var files = () => Directory.GetFiles(Path.Combine(_host.DataDirectory, "objects", tenant.Id.ToString("N")), "*", SearchOption.AllDirectories).Length;
        files().ShouldBe(3);

        (await client.DeleteAsync($"/v1/knowledge/documents/{found.Documents[0].Id}")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent);

        // The ranking is from before the deletion; nothing of the document can be quoted from it.
        (await _host.EvidenceAsync(tenant.Id, found)).ShouldNotContain(e => e.DocumentId == found.Documents[0].Id);
        (await _host.SearchAsync(tenant.Id, "why is my cron not running")).Documents.ShouldNotContain(d => d.Id == found.Documents[0].Id);
        files().ShouldBe(2);

        var rest = await _host.SearchAsync(tenant.Id, "what does the hobby plan cost");
        rest.Documents.ShouldNotBeEmpty();
        (await client.DeleteAsync($"/v1/knowledge/sources/{import.Text("sourceId")}")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NoContent);
        (await _host.EvidenceAsync(tenant.Id, rest)).ShouldBeEmpty();
        (await client.GetAsync($"/v1/knowledge/sources/{import.Text("sourceId")}")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
        (await client.GetJsonAsync("/v1/knowledge/documents")).GetProperty("items").GetArrayLength().ShouldBe(0);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (files() > 0)
            await Task.Delay(20, patience.Token);
        (await _host.SearchAsync(tenant.Id, "what does the hobby plan cost")).Documents.ShouldBeEmpty();
        // The name is free again.
        await client.CreateImportAsync("Docs");
    }

    [Fact]
    public async Task Audiences_hold_from_the_moment_they_are_set()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var import = await client.ImportAsync("Docs", "complete", Guides);
        var widget = new RetrievalFilter { Audiences = KnowledgeSearch.PublicOnly };
        var found = await _host.SearchAsync(tenant.Id, "why is my cron not running", widget);
        found.Documents.ShouldNotBeEmpty();

        using var response = await client.PatchAsJsonAsync($"/v1/knowledge/sources/{import.Text("sourceId")}", new { audience = "internal", name = "Internal" });

        (await response.JsonAsync()).Text("name").ShouldBe("Internal");
        (await _host.EvidenceAsync(tenant.Id, found, KnowledgeSearch.PublicOnly)).ShouldBeEmpty();
        (await _host.EvidenceAsync(tenant.Id, found)).ShouldNotBeEmpty();
        (await _host.SearchAsync(tenant.Id, "why is my cron not running", widget)).Documents.ShouldBeEmpty();
        (await _host.SearchAsync(tenant.Id, "why is my cron not running")).Documents.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task One_tenant_never_sees_anothers_knowledge()
    {
        var (mine, theirs) = (await _host.TenantAsync(), await _host.TenantAsync());
        var import = await theirs.Operator().ImportAsync("Docs", "complete", Guides);
        var documentId = (await theirs.Operator().DocumentsAsync(import.GetProperty("sourceId").GetGuid()))[0].Text("id");

        (await _host.SearchAsync(mine.Id, "why is my cron not running")).Documents.ShouldBeEmpty();
        var found = await _host.SearchAsync(theirs.Id, "why is my cron not running");
        (await _host.EvidenceAsync(mine.Id, found)).ShouldBeEmpty();
        foreach (var path in new[] { $"documents/{documentId}", $"sources/{import.Text("sourceId")}", $"imports/{import.Text("id")}", $"imports/{import.Text("id")}/files" })
            (await mine.Operator().GetAsync("/v1/knowledge/" + path)).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound, path);
    }

    [Fact]
    public async Task A_document_the_database_refuses_does_not_keep_the_others_out()
    {
        // A title that no index may hold is what a database can refuse at any time: here the check of a constraint made for this test.
        var tenant = await _host.TenantAsync();
        await using var owner = new Npgsql.NpgsqlConnection(_host.Database.Options.OwnerConnectionString);
        await owner.OpenAsync();
        await using (var command = new Npgsql.NpgsqlCommand("alter table documents add constraint refused check (title <> 'Refused') not valid", owner))
            await command.ExecuteNonQueryAsync();

        var import = await tenant.Operator().ImportAsync("Docs", "complete", [.. Guides, File("bad.md", "# Refused\n\nText.")]);

        (import.Text("state"), import.Int("added"), import.Int("failed")).ShouldBe(("succeeded", 3, 1));
        await using var undo = new Npgsql.NpgsqlCommand("alter table documents drop constraint refused", owner);
        await undo.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task An_archive_becomes_its_documents_and_one_that_breaks_later_removes_none()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var zip = ArchiveFile.Zip([
            ("guides/cron.md", Guides[0].Item2), ("logo.png", [1, 2]), ("../evil.md", [65]),
            ("more.zip", ArchiveFile.Zip(("plans.html", System.Text.Encoding.UTF8.GetString(Guides[2].Item2)))),
        ]);

        var first = await client.ImportAsync("Docs", "complete", ("docs.zip", zip), File("beside.md", "# Beside\n\nText."));

        (first.Text("state"), first.Int("total"), first.Int("added"), first.Int("failed")).ShouldBe(("succeeded", 4, 3, 1));
        var paths = (await client.DocumentsAsync(first.GetProperty("sourceId").GetGuid())).Select(d => d.Text("path"));
        paths.ShouldBe(["beside.md", "docs.zip/guides/cron.md", "docs.zip/more.zip/plans.html"], ignoreOrder: true);
        var files = (await client.GetJsonAsync($"/v1/knowledge/imports/{first.Text("id")}/files")).GetProperty("items").EnumerateArray().ToDictionary(f => f.Text("path")!, f => (f.Text("state"), f.Text("reason")));
        files["docs.zip"].ShouldBe(("expanded", null));
        files["docs.zip/../evil.md"].ShouldBe(("failed", "The path leaves its folder ('..')."));
        (await _host.SearchAsync(tenant.Id, "what does the hobby plan cost")).Documents[0].Title.ShouldBe("Plans");

        var same = await client.ImportAsync("Docs", "complete", ("docs.zip", zip), File("beside.md", "# Beside\n\nText."));
        (same.Int("unchanged"), same.Int("added"), same.Int("changed"), same.Int("removed")).ShouldBe((3, 0, 0, 0));

        var broken = await client.ImportAsync("Docs", "complete", ("docs.zip", zip[..200]), File("beside.md", "# Beside\n\nText."));
        (broken.Int("unchanged"), broken.Int("failed"), broken.Int("removed")).ShouldBe((1, 1, 0));
        var smaller = await client.ImportAsync("Docs", "complete", ("docs.zip", ArchiveFile.Zip(("guides/cron.md", System.Text.Encoding.UTF8.GetString(Guides[0].Item2)))));
        (smaller.Int("unchanged"), smaller.Int("removed")).ShouldBe((1, 2));
        // Nothing of the archives stays behind in the store: one document, one file.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Directory.GetFiles(Path.Combine(_host.DataDirectory, "objects", tenant.Id.ToString("N")), "*", SearchOption.AllDirectories).Length > 1)
            await Task.Delay(20, patience.Token);
    }

    [Fact]
    public async Task Every_kind_of_file_becomes_an_answer()
    {
        var tenant = await _host.TenantAsync();
        var client = tenant.Operator();
        var files = new List<(string, byte[])>
        {
            ("handbook.docx", ArchiveFile.Docx("<w:p><w:r><w:t>A zebra runs at night.</w:t></w:r></w:p>")),
            ("slides.pptx", ArchiveFile.Pptx(["<p:sp><p:txBody><a:p><a:r><a:t>A giraffe sleeps standing.</a:t></a:r></a:p></p:txBody></p:sp>"])),
            ("faq.csv", "question,answer\nWhat does a walrus eat?,A walrus eats clams."u8.ToArray()),
            ("sheet.xlsx", ArchiveFile.Xlsx([("Animals", "<row><c t=\"inlineStr\"><is><t>Animal</t></is></c><c t=\"inlineStr\"><is><t>Home</t></is></c></row><row><c t=\"inlineStr\"><is><t>Ostrich</t></is></c><c t=\"inlineStr\"><is><t>Savanna</t></is></c></row>")])),
            ("notes.adoc", "= Notes\n\nA platypus lays eggs."u8.ToArray()),
            ("notes.rst", "Notes\n=====\n\nA pangolin rolls up."u8.ToArray()),
        };
        if (Parley.Knowledge.Parsing.ExternalTool.Find("pdftotext") is not null)
            files.Add(("book.pdf", PdfFile.Of("The first page.", "A wombat digs burrows.")));

        var import = await client.ImportAsync("Docs", "complete", [.. files]);

        (import.Int("added"), import.Int("failed")).ShouldBe((files.Count, 0));
        foreach (var (question, answer, path) in new[]
        {
            ("When does a zebra run?", "night", "handbook.docx"), ("How does a giraffe sleep?", "standing", "slides.pptx"), ("What does a walrus eat?", "clams", "faq.csv"),
            ("ostrich home", "Savanna", "sheet.xlsx"), ("What does a platypus lay?", "eggs", "notes.adoc"), ("What does a pangolin do?", "rolls up", "notes.rst"), ("What does a wombat dig?", "burrows", "book.pdf"),
        }.Where(a => files.Exists(f => f.Item1 == a.Item3)))
        {
            var evidence = await _host.EvidenceAsync(tenant.Id, await _host.SearchAsync(tenant.Id, question));
            evidence[0].Text.ShouldContain(answer, customMessage: path);
            if (path == "book.pdf")
                evidence[0].Anchor.ShouldBe("page=2");
        }
    }
}
