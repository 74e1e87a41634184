using Parley.Knowledge.Retrieval;

namespace Parley.Knowledge.Search;

/// <summary>One tenant's index in this process: which one serves, when it was last looked after, and who is at work on its successor.</summary>
internal sealed class TenantIndex
{
    private readonly Lock _gate = new();
    private Task<KnowledgeIndex>? _work;
    private long _checked;
    private long _used;

    /// <summary>Null until the first build has ended.</summary>
    internal KnowledgeIndex? Current { get; private set; }

    /// <summary>Timestamps of the clock.</summary>
    internal long Used => Volatile.Read(ref _used);

    internal void Use(long now) => Volatile.Write(ref _used, now);

    /// <summary>When its change number was last compared with the tenant's; 0: never, or a change was announced since.</summary>
    internal long Checked
    {
        get => Volatile.Read(ref _checked);
        set => Volatile.Write(ref _checked, value);
    }

    /// <summary>Starts <paramref name="work"/>, unless it is under way: then returns that. The newest result serves from its end on.</summary>
    internal Task<KnowledgeIndex> RunOnce(Func<KnowledgeIndex?, Task<KnowledgeIndex>> work)
    {
        lock (_gate)
        {
            return _work is { IsCompleted: false } running ? running : _work = Run(work);
        }
    }

    private Task<KnowledgeIndex> Run(Func<KnowledgeIndex?, Task<KnowledgeIndex>> work) => Task.Run(async () =>
    {
        var made = await work(Current);
        Current = made;
        return made;
    });
}
