using Microsoft.Extensions.DependencyInjection;

namespace Parley.Platform.Jobs;

/// <summary>A kind of job and how it is treated.</summary>
/// <param name="Name">As stored, e.g. <c>knowledge.import</c>.</param>
/// <param name="Priority">Higher first: turns 10, imports 0. Above 0 it runs in the interactive lane, which has slots of its own.</param>
/// <param name="MaxAttempts">Then it is a dead letter.</param>
/// <param name="LeaseSeconds">Extended while the handler runs; a dead node's jobs are free after it.</param>
public sealed record JobKind(string Name, short Priority = 0, int MaxAttempts = 5, int LeaseSeconds = 30)
{
    internal bool Interactive => Priority > 0;
}

/// <summary>Does the work of one kind. Runs at least once; effects inside the database become exactly-once by <see cref="JobContext.CompleteAsync"/>.</summary>
public interface IJobHandler
{
    /// <summary>Throw to be retried with backoff. The token ends when the lease is lost or the node stops.</summary>
    Task HandleAsync(JobContext job, CancellationToken ct);
}

/// <summary>Throw it from a handler where another attempt cannot help: the job becomes a dead letter at once.</summary>
public sealed class JobAbandonedException(string reason) : Exception(reason);

/// <summary>Another node has taken the job over.</summary>
public sealed class LeaseLostException() : Exception("The lease of this job was lost to another attempt.");

/// <summary>A registered kind with its handler.</summary>
public sealed record JobRegistration(JobKind Kind, Type Handler);

/// <summary>Registration.</summary>
public static class JobRegistrations
{
    /// <summary>Lets this process run jobs of a kind. The handler is created in a scope of its own for each attempt.</summary>
    public static IServiceCollection AddJob<THandler>(this IServiceCollection services, JobKind kind)
        where THandler : class, IJobHandler
    {
        services.AddScoped<THandler>();
        return services.AddSingleton(new JobRegistration(kind, typeof(THandler)));
    }
}
