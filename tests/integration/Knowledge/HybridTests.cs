using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Parley.Host.Instance;
using Parley.Inference.Contracts;
using Parley.Knowledge.Retrieval;
using Parley.Knowledge.Search;
using Parley.Knowledge.Vectors;
using Parley.Testkit;
using Parley.Tests.Integration.Identity;
using Shouldly;
using Xunit;
using static Parley.Tests.Integration.Knowledge.KnowledgeWorld;

namespace Parley.Tests.Integration.Knowledge;

/// <summary>Vectors of passages and questions over a real database and the providers' protocols: made in the background, used where they are, never in the way.</summary>
public sealed class HybridTests(PostgresFixture postgres) : HybridWorld(postgres)
{
    private const string Question = "How long does a cron run wait?";

    [Fact]
    public async Task A_question_is_looked_up_by_words_and_meaning_and_its_vector_is_paid_once_a_day()
    {
        var (tenant, key) = await TenantAsync();
        var made = _models.BilledTo(key).Input;
        made.ShouldBeGreaterThan(0);
        var first = await FindAsync(tenant, Question);
        first.Models!.Vector!.Outcome.ShouldBe("used");
        first.Models.Cost.ShouldBe((_models.BilledTo(key).Input - made) * 20m / 1_000_000);
        first.Documents[0].Title.ShouldBe("Cron");
        first.Documents[0].Vector!.Value.ShouldBeGreaterThan(first.Documents[^1].Vector ?? 0);
        first.Documents[0].Fused.ShouldNotBeNull();
        var billed = _models.BilledTo(key).Input;
        (await FindAsync(tenant, " " + Question)).Models!.Vector!.Outcome.ShouldBe("cached");
        _models.BilledTo(key).Input.ShouldBe(billed);
        _host.Time.Advance(TimeSpan.FromHours(25));
        (await FindAsync(tenant, Question)).Models!.Vector!.Outcome.ShouldBe("used");
        (await CountAsync("select count(*)::int from question_vectors where tenant_id = @id", new { id = tenant.Id })).ShouldBe(1);
    }

    [Fact]
    public async Task What_one_tenant_asked_is_not_in_another_ones_cache()
    {
        var (first, _) = await TenantAsync();
        var (second, key) = await TenantAsync();
        await FindAsync(first, Question);
        var before = _models.BilledTo(key).Input;
        (await FindAsync(second, Question)).Models!.Vector!.Outcome.ShouldBe("used");
        _models.BilledTo(key).Input.ShouldBeGreaterThan(before);
    }

    [Theory]
    [InlineData("500", "server_error")]
    [InlineData("401", "unauthorized")]
    [InlineData("wrong-dimension", "wrong_dimension")]
    [InlineData("slow", "timeout")]
    public async Task Where_the_provider_does_not_help_words_rank_alone_within_the_same_search_and_just_as_without_models(string fault, string reason)
    {
        var (tenant, _) = await TenantAsync();
        (await tenant.Operator().PutAsJsonAsync("/v1/knowledge/retrieval", new { patienceMs = fault == "slow" ? 150 : 5000 }, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await FailAsync([.. Enumerable.Repeat(fault, 8)]);
        var found = await FindAsync(tenant, Question);
        found.Models!.Vector!.TookPart.ShouldBeFalse();
        found.Models.Vector.Outcome.ShouldBeOneOf(reason, "timeout");
        var words = await _host.SearchAsync(tenant.Id, Question);
        found.Documents.Select(document => (document.Id, document.Score)).ShouldBe(words.Documents.Select(document => (document.Id, document.Score)));
        found.Chunks.Select(chunk => (chunk.Id, chunk.Score)).ShouldBe(words.Chunks.Select(chunk => (chunk.Id, chunk.Score)));
        found.Confidence.ShouldBe(words.Confidence);
    }

    [Fact]
    public async Task A_budget_that_is_used_up_stops_the_work_says_so_and_lets_it_go_on_when_it_is_raised()
    {
        var (tenant, _) = await TenantAsync(vectors: false);
        await BudgetAsync(tenant, .000001m);
        var key = await ChooseAsync(tenant, "vectors");
        var view = (await UntilAsync(tenant, "halted")).GetProperty("vectors");
        (view.Text("halted"), view.Int("done"), view.Int("total"), view.GetProperty("sources")[0].Int("total")).ShouldBe(("budget_tenant_month", 0, 4, 4));
        _models.BilledTo(key).Input.ShouldBe(0);
        (await FindAsync(tenant, Question)).Documents[0].Title.ShouldBe("Cron");
        await BudgetAsync(tenant, 100);
        using var retried = await tenant.Operator().PostAsync("/v1/knowledge/retrieval/retry", null, Ct);
        retried.StatusCode.ShouldBe(HttpStatusCode.OK);
        await CompleteAsync(tenant);
        await BudgetAsync(tenant, .000001m);
        (await FindAsync(tenant, Question)).Models!.Vector!.Outcome.ShouldBe("budget_tenant_month");
    }

    [Theory]
    [InlineData("429;retry-after=1")]
    [InlineData("500")]
    [InlineData("cut")]
    [InlineData("nan")]
    [InlineData("fewer")]
    [InlineData("413")]
    [InlineData("html")]
    public async Task An_import_never_waits_for_a_provider_nor_fails_for_it_and_every_passage_gets_its_vector_in_the_end(string fault)
    {
        var tenant = await _host.TenantAsync();
        await ChooseAsync(tenant, "vectors");
        await UntilAsync(tenant, "complete");
        await FailAsync(fault);
        (await tenant.Operator().ImportAsync("Guides", "complete", Guides)).Text("state").ShouldBe("succeeded");
        (await _host.SearchAsync(tenant.Id, Question)).Documents[0].Title.ShouldBe("Cron");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await VectorsAsync(tenant) < 4)
        {
            await CompleteAsync(tenant);
            _host.Time.Advance(TimeSpan.FromMinutes(3));
            await Task.Delay(100, patience.Token);
        }
        (await VectorsAsync(tenant)).ShouldBe(4);
        (await CountAsync("select count(*)::int from chunk_vectors where tenant_id = @id and vector is null", new { id = tenant.Id })).ShouldBe(0);
        (await FindAsync(tenant, Question)).Documents[0].Vector.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("400", "invalid")]
    [InlineData("413", "too_large")]
    public async Task Where_every_request_is_refused_nothing_is_taken_for_done_and_the_set_that_serves_stays(string fault, string reason)
    {
        var (tenant, _) = await TenantAsync();
        await ChooseAsync(tenant, "other!" + fault);
        var view = (await UntilAsync(tenant, "halted")).GetProperty("vectors");
        (view.Text("halted"), view.Text("servedBy"), view.Int("done"), view.Int("refused")).ShouldBe((reason, "vectors", 0, 0));
        (await CountAsync("select count(*)::int from chunk_vectors where tenant_id = @id and vector is null", new { id = tenant.Id })).ShouldBe(0);
        var found = await FindAsync(tenant, Question);
        (found.Models!.Vector!.Outcome, found.Models.Vector.Model).ShouldBe(("used", "vectors"));
        await ChooseAsync(tenant, "other");
        await CompleteAsync(tenant);
        (await FindAsync(tenant, "What does the hobby plan cost?")).Models!.Vector!.Model.ShouldBe("other");
    }

    [Fact]
    public async Task A_passage_that_alone_is_refused_is_left_out_until_somebody_says_try_again()
    {
        var (tenant, _) = await TenantAsync(vectors: false);
        await FailAsync("400", "400"); // three passages, then the first of them
        await ChooseAsync(tenant, "vectors");
        (await CompleteAsync(tenant)).GetProperty("vectors").Int("refused").ShouldBe(1);
        using var retried = await tenant.Operator().PostAsync("/v1/knowledge/retrieval/retry", null, Ct);
        (await retried.JsonAsync()).GetProperty("vectors").Int("done").ShouldBe(3);
        var view = (await CompleteAsync(tenant)).GetProperty("vectors");
        (view.Int("done"), view.Int("refused")).ShouldBe((4, 0));
    }

    [Fact]
    public async Task A_set_without_a_single_vector_never_replaces_one_that_serves()
    {
        var (tenant, _) = await TenantAsync();
        // Each passage is refused, and what shows whether it is the passage ("weak" is nothing to an embedding) is taken.
        await FailAsync("400", "400", "weak", "400", "400", "weak", "400", "400", "weak", "400", "weak");
        await ChooseAsync(tenant, "other");
        var view = (await UntilAsync(tenant, "halted")).GetProperty("vectors");
        (view.Text("halted"), view.Text("servedBy"), view.Int("refused")).ShouldBe(("no_vectors", "vectors", 4));
        (await FindAsync(tenant, Question)).Models!.Vector!.Model.ShouldBe("vectors");
        using var retried = await tenant.Operator().PostAsync("/v1/knowledge/retrieval/retry", null, Ct);
        await CompleteAsync(tenant);
        (await FindAsync(tenant, "What does the hobby plan cost?")).Models!.Vector!.Model.ShouldBe("other");
    }

    [Fact]
    public async Task What_would_only_be_paid_for_in_vain_again_waits_until_other_models_are_chosen_or_somebody_says_try_again()
    {
        var (tenant, _) = await TenantAsync(vectors: false);
        var key = await ChooseAsync(tenant, "vectors!wrong-dimension");
        var view = (await UntilAsync(tenant, "halted")).GetProperty("vectors");
        (view.Text("halted"), view.Text("retryAt")).ShouldBe(("wrong_dimension", null));
        var billed = _models.BilledTo(key).Input;
        billed.ShouldBeGreaterThan(0);
        await tenant.Operator().ImportAsync("More", "complete", [File("more.md", "# Regions\n\nThere are three regions.")]);
        _host.Time.Advance(TimeSpan.FromHours(2));
        await StartDueAsync();
        await Escalations.HandoffWorld.EventuallyAsync(async () => await CountAsync("select count(*)::int from jobs where tenant_id = @id and kind = 'knowledge.vectors' and state <> 'dead'", new { id = tenant.Id }) == 0, "the import's work");
        _models.BilledTo(key).Input.ShouldBe(billed);
        using var retried = await tenant.Operator().PostAsync("/v1/knowledge/retrieval/retry", null, Ct);
        await UntilAsync(tenant, "halted");
        _models.BilledTo(key).Input.ShouldBeGreaterThan(billed);
        await ChooseAsync(tenant, "vectors");
        (await CompleteAsync(tenant)).GetProperty("vectors").Int("done").ShouldBe(5);
    }

    [Fact]
    public async Task A_turn_costs_the_sum_of_its_calls_also_of_second_looks_and_of_what_failed()
    {
        var (tenant, _) = await TenantAsync();
        var client = tenant.Operator();
        (await client.PutAsJsonAsync("/v1/knowledge/retrieval", new { patienceMs = 5000 }, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await FindAsync(tenant, Question);
        async Task<int> AskAsync(object request)
        {
            using var asked = await client.PostAsJsonAsync("/v1/assistant/ask", request, Ct);
            var answer = await asked.JsonAsync();
            var turn = new { trace = answer.GetProperty("traceId").GetGuid() };
            await using var everything = await _host.Database.Everything.OpenConnectionAsync(Ct);
            answer.GetProperty("cost").GetDecimal().ShouldBe(await Dapper.SqlMapper.ExecuteScalarAsync<decimal>(everything, "select coalesce(sum(cost), 0) from usage where turn_id = @trace", turn));
            return await CountAsync("select count(*)::int from usage where turn_id = @trace and cost > 0", turn);
        }
        object[] history = [new { role = "customer", text = Question }, new { role = "assistant", text = "A cron run waits five minutes for the one before." }];
        (await AskAsync(new { question = "What is a flux capacitor? And where can I buy a warp drive?", history })).ShouldBeGreaterThan(2);
        await FailAsync("wrong-dimension");
        (await AskAsync(new { question = "Can a volume be resized?" })).ShouldBe(1);
        (await AskAsync(new { question = "Can a volume be resized?", models = false })).ShouldBe(0);
    }

    [Fact]
    public async Task With_models_switched_off_and_for_whatever_measures_nothing_paid_takes_part()
    {
        var tenant = await _host.TenantAsync();
        (await tenant.Operator().ImportAsync("Guides", "complete", Guides)).Text("state").ShouldBe("succeeded");
        await ChooseAsync(tenant, "vectors", "judge");
        await CompleteAsync(tenant);
        (await FindAsync(tenant, Question)).Models!.Rerank!.Outcome.ShouldBe("used");
        var before = _models.Requests.Count;
        var playground = _host.Services.GetRequiredService<Parley.Assistant.Playground>();
        var measured = (await playground.AskAsync(tenant.Id, new Parley.Assistant.AskRequest("What does the hobby plan cost?"), Ct)).Value;
        (measured.Retrieval.Models, measured.Cost).ShouldBe((null, 0));
        using var asked = await tenant.Operator().PostAsJsonAsync("/v1/assistant/ask", new { question = "What does the hobby plan cost?", models = false }, Ct);
        (await asked.JsonAsync()).GetProperty("cost").GetDecimal().ShouldBe(0);
        _models.Requests.Count.ShouldBe(before);
    }

    [Fact]
    public async Task Another_model_is_made_beside_the_one_that_serves_and_takes_over_when_it_is_complete()
    {
        var (tenant, oldKey) = await TenantAsync();
        await FailAsync("401");
        var newKey = await ChooseAsync(tenant, "other");
        var view = (await UntilAsync(tenant, "halted")).GetProperty("vectors");
        (view.Text("model"), view.Text("servedBy")).ShouldBe(("other", "vectors"));
        var (before, fresh) = (_models.BilledTo(oldKey).Input, _models.BilledTo(newKey).Input);
        var found = await FindAsync(tenant, Question);
        (found.Models!.Vector!.Outcome, found.Models.Vector.Model).ShouldBe(("used", "vectors"));
        _models.BilledTo(oldKey).Input.ShouldBeGreaterThan(before);
        await CompleteAsync(tenant);
        found = await FindAsync(tenant, "What does the hobby plan cost?");
        (found.Models!.Vector!.Outcome, found.Models.Vector.Model).ShouldBe(("used", "other"));
        (await CountAsync("select count(*)::int from embedding_sets where tenant_id = @id", new { id = tenant.Id })).ShouldBe(1);
        (await VectorsAsync(tenant)).ShouldBe(4);
        _models.BilledTo(newKey).Input.ShouldBeGreaterThan(fresh);
    }

    [Fact]
    public async Task Without_a_choice_nothing_is_looked_up_by_meaning_at_once_and_what_was_made_goes()
    {
        var (tenant, key) = await TenantAsync();
        await FindAsync(tenant, Question);
        await ChooseAsync(tenant, embed: null);
        var before = _models.BilledTo(key).Input;
        (await FindAsync(tenant, Question)).Models!.Vector!.Outcome.ShouldBe("off");
        _models.BilledTo(key).Input.ShouldBe(before);
        await StartDueAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await VectorsAsync(tenant) > 0)
        {
            await Task.Delay(50, patience.Token);
        }
        (await FindAsync(tenant, Question)).Models.ShouldBeNull();
    }

    [Fact]
    public async Task A_document_that_goes_takes_its_vectors_with_it_and_is_found_by_neither_on_any_node()
    {
        var (tenant, _) = await TenantAsync();
        await using var second = await ParleyHost.StartAsync(Postgres, services => services.AddSingleton(_ => _host.Services.GetRequiredService<Parley.Platform.Outbound.GuardedHttp>()), _host.Database, NodeRole.Web);
        var cron = (await FindAsync(tenant, Question, second)).Documents[0];
        (await tenant.Operator().DeleteAsync($"/v1/knowledge/documents/{cron.Id}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await VectorsAsync(tenant)).ShouldBe(3);
        (await FindAsync(tenant, Question, second)).Documents.ShouldNotContain(document => document.Id == cron.Id);
        (await FindAsync(tenant, Question)).Documents.ShouldNotContain(document => document.Id == cron.Id);
    }

    [Fact]
    public async Task Batches_that_are_tried_again_change_nothing()
    {
        var (tenant, key) = await TenantAsync();
        var (sets, billed) = (_host.Services.GetRequiredService<EmbeddingSets>(), _models.BilledTo(key).Input);
        var set = (await _host.Services.GetRequiredService<Parley.Platform.Data.TenantDb>().InTransactionAsync(tenant.Id, EmbeddingSets.AllAsync, Ct)).ShouldHaveSingleItem();
        (await sets.NextAsync(tenant.Id, set.Id, Guid.Empty, 10, Ct)).ShouldBeEmpty();
        // A passage that has gone while its vector was made is left out.
        await sets.StoreAsync(tenant.Id, set.Id, [new PassageToEmbed { Id = Guid.CreateVersion7(), Version = 1 }], [QuantizedVector.Of(new float[Dimensions]).ToBytes()], Ct);
        (await VectorsAsync(tenant)).ShouldBe(4);
        using var retried = await tenant.Operator().PostAsync("/v1/knowledge/retrieval/retry", null, Ct);
        await UntilAsync(tenant, "complete");
        _models.BilledTo(key).Input.ShouldBe(billed);
    }

    [Fact]
    public async Task A_reranker_leaves_the_best_passages_and_where_it_fails_the_order_found_stays()
    {
        var (tenant, _) = await TenantAsync(vectors: false);
        await ChooseAsync(tenant, embed: null, rerank: "judge");
        await StartDueAsync();
        (await tenant.Operator().PutAsJsonAsync("/v1/knowledge/retrieval", new { rerankPassages = 3, rerankPatienceMs = 5000 }, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var question = "five minutes, five dollars, any time or two weeks?";
        var plain = await _host.SearchAsync(tenant.Id, question);
        plain.Chunks.Count.ShouldBeGreaterThan(3);
        var found = await FindAsync(tenant, question);
        (found.Models!.Rerank!.Outcome, found.Models.Rerank.Model, found.Models.Vector).ShouldBe(("used", "judge", null));
        found.Chunks.Count.ShouldBe(3);
        found.Chunks.ShouldAllBe(chunk => chunk.Rerank != null);
        found.Chunks.Select(chunk => chunk.Rerank).ShouldBeInOrder(SortDirection.Descending);
        found.Models.Cost.ShouldBeGreaterThan(0);
        await FailAsync([.. Enumerable.Repeat("401", 3)]);
        found = await FindAsync(tenant, question);
        found.Models!.Rerank!.Outcome.ShouldBe("unauthorized");
        found.Chunks.Select(chunk => chunk.Id).ShouldBe(plain.Chunks.Select(chunk => chunk.Id));
    }

    [Fact]
    public async Task Settings_are_versioned_checked_and_stamped_on_what_was_found_and_customers_questions_leave_only_when_the_tenant_says_so()
    {
        var (tenant, key) = await TenantAsync();
        var client = tenant.Operator();
        using var wrong = await client.PutAsJsonAsync("/v1/knowledge/retrieval", new { rrfK = 0, exact = 3 }, Ct);
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadAsStringAsync(Ct)).ShouldContain("rrfK");
        var before = (await client.GetJsonAsync("/v1/knowledge/retrieval")).Int("version");
        async Task SaveAsync(object settings)
        {
            using var saved = await client.PutAsJsonAsync("/v1/knowledge/retrieval", settings, Ct);
            saved.StatusCode.ShouldBe(HttpStatusCode.OK, await saved.Content.ReadAsStringAsync(Ct));
        }
        await SaveAsync(new { mode = "keyword" });
        (await FindAsync(tenant, Question)).Models.ShouldBeNull();
        await SaveAsync(new { mode = "semantic" });
        var found = await FindAsync(tenant, Question);
        (found.Models!.Mode, found.Models.Version).ShouldBe((RetrievalMode.Semantic, before + 2));

        var billed = _models.BilledTo(key).Input;
        var customer = new RetrievalQuery { Text = "Can a volume be resized?", Who = new Spender { TenantId = tenant.Id, Feature = ModelFeature.Answer, ConversationId = Guid.CreateVersion7() } };
        var search = _host.Services.GetRequiredService<KnowledgeSearch>();
        (await search.SearchAsync(tenant.Id, customer, Ct)).Models.ShouldBeNull();
        _models.BilledTo(key).Input.ShouldBe(billed);
        await SaveAsync(new { mode = "hybrid", forCustomers = true });
        await FindAsync(tenant, Question);
        (await search.SearchAsync(tenant.Id, customer, Ct)).Models!.Vector!.Outcome.ShouldBe("used");
        var asked = await client.PostAsJsonAsync("/v1/assistant/ask", new { question = Question }, Ct);
        var retrieval = (await asked.JsonAsync()).GetProperty("retrieval");
        retrieval.GetProperty("models").GetProperty("vector").Text("outcome").ShouldBe("cached");
        retrieval.GetProperty("documents")[0].GetProperty("vector").GetDouble().ShouldBeGreaterThan(0);
    }
}
