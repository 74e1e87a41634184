namespace Parley.Inference.Contracts;

/// <summary>How long a call may take. Each must be positive, and the whole at least as long as either part.</summary>
public sealed record ModelTimeouts
{
    /// <summary>
    /// From the call to the first piece of a streamed answer, thinking included: what a model thinks is a piece where the provider shows it. Where it does not,
    /// give models that think long more time. The last twentieth of it, at most a quarter of a second, is for asking another account.
    /// </summary>
    public TimeSpan FirstToken { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Between two pieces of a streamed answer.</summary>
    public TimeSpan BetweenTokens { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From the call to the end of the answer, streamed or not.</summary>
    public TimeSpan Whole { get; init; } = TimeSpan.FromMinutes(3);

    /// <exception cref="ArgumentException">Names the one that is wrong.</exception>
    public ModelTimeouts Checked()
    {
        (string Name, TimeSpan Value)[] all = [(nameof(FirstToken), FirstToken), (nameof(BetweenTokens), BetweenTokens), (nameof(Whole), Whole)];
        var wrong = Array.Find(all, each => each.Value <= TimeSpan.Zero || each.Value > TimeSpan.FromHours(1));
        if (wrong.Name is not null)
        {
            throw new ArgumentException($"{wrong.Name} must be longer than nothing and at most an hour, not {wrong.Value}.", wrong.Name);
        }
        return Whole >= FirstToken && Whole >= BetweenTokens ? this : throw new ArgumentException($"{nameof(Whole)} must be at least as long as {nameof(FirstToken)} and {nameof(BetweenTokens)}.");
    }
}
