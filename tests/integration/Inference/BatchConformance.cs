using Microsoft.Extensions.AI;
using Parley.Inference.Contracts;
using Parley.Inference.Providers.Batches;
using Shouldly;
using Xunit;

namespace Parley.Tests.Integration.Inference;

/// <summary>What every provider with a batch lane must do at the wire, and what must happen when it does not. One subclass a provider.</summary>
public abstract class BatchConformance(ModelWorld world, Subject subject)
{
    private static readonly ChatMessage[] Asked = [new(ChatRole.System, "[7] Zanzibar exports are kept for ninety days."), new(ChatRole.User, "How long are Zanzibar exports kept?")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Real_service() => subject.LiveOnly();

    [Fact]
    public async Task One_is_made_seen_found_and_called_off()
    {
        var client = Client(subject.Account(world, "batch;polls=50"));
        var (key, items) = (Guid.CreateVersion7(), new[] { Guid.CreateVersion7(), Guid.CreateVersion7() });
        var since = TimeProvider.System.GetUtcNow();
        var id = await client.SubmitAsync(key, [(items[0], await WriteAsync(client)), (items[1], await WriteAsync(client))], Ct);
        (await client.LookAsync(id, Ct)).Id.ShouldBe(id);
        var search = await client.FindAsync(key, items.ToHashSet(), since, new HashSet<string>(), Ct);
        (search.Id == id || search.Unclear).ShouldBeTrue("it is there, or it may be");
        (await client.FindAsync(Guid.CreateVersion7(), items.ToHashSet(), since.AddDays(1), new HashSet<string>(), Ct)).ShouldBe(new BatchSearch(null));
        await client.CancelAsync(id, Ct);
        (await client.LookAsync(id, Ct)).Id.ShouldBe(id);
    }

    [Fact]
    public async Task Answers_are_read_as_those_of_a_call_alone()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        var client = Client(account);
        var item = Guid.CreateVersion7();
        var alone = await world.Providers.Chat(account, subject.AskedModel, subject.Capabilities, ModelWorld.Patient).GetResponseAsync(Asked, Options, Ct);
        var (standing, lines) = await DoneAsync(client, item);
        var answer = await client.ReadAsync(lines.ShouldHaveSingleItem(), Ct);
        (answer.Text, answer.Fault).ShouldBe((alone.Text, null));
        answer.Usage!.AllTokens.ShouldBe(ModelUsage.From(alone.Usage)!.AllTokens);
        var billed = world.Double.BatchBilledTo(account.Key);
        (answer.Usage.InputTokens, answer.Usage.CachedReadTokens, answer.Usage.CacheWriteTokens, answer.Usage.OutputTokens).ShouldBe((billed.Input, billed.CachedRead, billed.CacheWrite, billed.Output));
        world.Double.KeptFor(account.Key).ShouldBeGreaterThan(0);
        await client.ClearAsync(standing, Ct);
        await client.ClearAsync(standing, Ct);
        world.Double.KeptFor(account.Key).ShouldBe(0, "questions and answers are personal data");
    }

    [Fact]
    public async Task A_request_is_what_a_call_alone_would_send()
    {
        subject.DoubleOnly();
        var account = subject.Account(world);
        await world.Providers.Chat(account, subject.AskedModel, subject.Capabilities, ModelWorld.Patient).GetResponseAsync(Asked, Options, Ct);
        var sent = world.Double.Requests.Single(seen => seen.Headers.Values.Any(value => value.Contains(account.Key, StringComparison.Ordinal))).Body;
        System.Text.Json.Nodes.JsonNode.DeepEquals(System.Text.Json.Nodes.JsonNode.Parse(await WriteAsync(Client(account))), System.Text.Json.Nodes.JsonNode.Parse(sent.GetRawText())).ShouldBeTrue();
    }

    [Theory]
    [InlineData("empty", ModelFault.Empty)]
    [InlineData("refused", ModelFault.Refused)]
    public async Task An_answer_that_cannot_be_used_is_billed_all_the_same(string fault, ModelFault meaning)
    {
        subject.DoubleOnly();
        var client = Client(subject.Account(world), subject.Model + "!" + fault);
        var (_, lines) = await DoneAsync(client, Guid.CreateVersion7());
        var answer = await client.ReadAsync(lines.ShouldHaveSingleItem(), Ct);
        (answer.Text, answer.Fault!.Fault).ShouldBe((null, meaning));
        answer.Usage.ShouldNotBeNull().InputTokens.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("api_error", ModelFault.ServerError, true)]
    [InlineData("invalid_request_error", ModelFault.Invalid, false)]
    public async Task An_error_of_one_request_means_what_it_means_alone(string error, ModelFault meaning, bool retryable)
    {
        subject.DoubleOnly();
        var (_, lines) = await DoneAsync(Client(subject.Account(world, $"batch;errored=1;error={error}")), Guid.CreateVersion7());
        var line = lines.ShouldHaveSingleItem();
        line.Kind.ShouldBe(BatchLineKind.Errored);
        var fault = (await Client(subject.Account(world)).ReadAsync(line, Ct)).Fault!;
        (fault.Fault, fault.IsRetryable).ShouldBe((meaning, retryable));
        fault.Message.ShouldStartWith($"{subject.Kind} · ");
    }

    [Fact]
    public async Task One_that_expired_was_not_processed()
    {
        subject.DoubleOnly();
        var (_, lines) = await DoneAsync(Client(subject.Account(world, "batch;expired=1")), Guid.CreateVersion7());
        lines.ShouldHaveSingleItem().Kind.ShouldBe(BatchLineKind.Expired);
    }

    [Fact]
    public async Task A_line_that_cannot_be_read_loses_that_line_and_a_foreign_one_is_nobodys()
    {
        subject.DoubleOnly();
        var client = Client(subject.Account(world, "batch;garbled=1;unknown=1"));
        Guid[] items = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
        var (_, lines) = await DoneAsync(client, items);
        lines.Count(line => line.Kind == BatchLineKind.Unreadable).ShouldBe(1);
        lines.Where(line => line.Kind == BatchLineKind.Answered).Select(line => line.ItemId).ShouldBe([items[1], items[2]]);
        lines.Count(line => line.Kind == BatchLineKind.Errored && (line.ItemId is null || !items.Contains(line.ItemId.Value))).ShouldBe(2);
    }

    [Fact]
    public async Task Results_that_break_off_say_so_after_those_that_came()
    {
        subject.DoubleOnly();
        var client = Client(subject.Account(world, "batch;cut=1"));
        Guid[] items = [.. Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7())];
        List<BatchLine> lines = [];
        var e = await Should.ThrowAsync<ModelException>(async () =>
        {
            var id = await client.SubmitAsync(Guid.CreateVersion7(), [.. await Task.WhenAll(items.Select(async item => (item, await WriteAsync(client))))], Ct);
            await foreach (var line in client.ResultsAsync(await client.LookAsync(id, Ct), Ct))
            {
                lines.Add(line);
            }
        });
        e.Fault.ShouldBe(ModelFault.Cut, e.Message);
        lines.Count(line => line.Kind == BatchLineKind.Answered).ShouldBeInRange(1, 5);
    }

    [Theory]
    [MemberData(nameof(ModelFaults.OfStatusAlone), MemberType = typeof(ModelFaults))]
    public async Task Statuses_mean_the_same_as_for_a_call(string fault, ModelFault meaning, bool retryable)
    {
        subject.DoubleOnly();
        var account = subject.Account(world, fault);
        foreach (var call in new Func<CheckedBatches, Task>[] { client => client.LookAsync("batch_1", Ct), async client => await client.SubmitAsync(Guid.CreateVersion7(), [(Guid.CreateVersion7(), await WriteAsync(client))], Ct) })
        {
            var e = await ModelFaults.OfAsync(() => call(Client(account)), account);
            (e.Fault, e.IsRetryable, e.RetryAfter).ShouldBe((meaning, retryable, fault.Contains("retry-after", StringComparison.Ordinal) ? TimeSpan.FromSeconds(7) : null), e.Message);
        }
    }

    [Fact]
    public async Task Another_key_sees_nothing_of_it()
    {
        subject.DoubleOnly();
        var (standing, _) = await DoneAsync(Client(subject.Account(world)), Guid.CreateVersion7());
        var e = await Should.ThrowAsync<ModelException>(Client(subject.Account(world)).LookAsync(standing.Id, Ct));
        e.Status.ShouldBe(404);
    }

    private static ChatOptions Options => new() { MaxOutputTokens = 200 };

    private CheckedBatches Client(ModelAccount account, string? model = null) => world.Providers.Batches(account, model ?? subject.AskedModel, subject.Capabilities with { Batch = true }, ModelWorld.Patient)!;

    private static Task<string> WriteAsync(CheckedBatches client) => client.WriteAsync(Asked, Options, Ct);

    private static async Task<(BatchStanding Standing, List<BatchLine> Lines)> DoneAsync(CheckedBatches client, params Guid[] items)
    {
        var id = await client.SubmitAsync(Guid.CreateVersion7(), [.. await Task.WhenAll(items.Select(async item => (item, await WriteAsync(client))))], Ct);
        var standing = await client.LookAsync(id, Ct);
        standing.Ended.ShouldBeTrue();
        List<BatchLine> lines = [];
        await foreach (var line in client.ResultsAsync(standing, Ct))
        {
            lines.Add(line);
        }
        return (standing, lines);
    }
}

public sealed class AnthropicBatchTests(ModelWorld world)
    : BatchConformance(world, new Subject(ModelProviderKinds.Anthropic, "/anthropic", "claude-double", "claude-haiku-5-5")
    {
        Capabilities = new() { Penalties = false, Thinking = ThinkingSupport.Effort, CachedPrompt = PromptCaching.Marked, Temperature = false, TopP = false },
    }), IClassFixture<ModelWorld>;

public sealed class OpenAiBatchTests(ModelWorld world)
    : BatchConformance(world, new Subject(ModelProviderKinds.OpenAi, "/openai/v1", "gpt-double", "gpt-6-luna") { Capabilities = new() { CachedPrompt = PromptCaching.Automatic, Temperature = false, TopP = false, Penalties = false } }),
        IClassFixture<ModelWorld>;

public sealed class OpenAiCompatibleBatchTests(ModelWorld world)
    : BatchConformance(world, new Subject(ModelProviderKinds.OpenAiCompatible, "/openai/v1", "llama-double", "") { Capabilities = new() { CachedPrompt = PromptCaching.Automatic } }), IClassFixture<ModelWorld>;
