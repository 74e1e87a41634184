using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Parley.Inference.Budget;
using Parley.Inference.Contracts;
using Parley.Inference.Providers;
using Parley.Platform.RateLimits;

namespace Parley.Inference.Pipeline;

/// <summary>The one way to a chat model: every decorator, stacked once.</summary>
internal sealed class ModelPipeline
{
    public ModelPipeline(ModelProviders providers, Budgets budgets, LateDecisions late, RateLimiter limiter, Circuits circuits, ModelTimeouts timeouts, TimeProvider time, ILogger<BudgetChat> log)
        : this(new SeatChat(providers, timeouts), budgets, late, limiter, circuits, timeouts, time, log)
    {
    }

    /// <param name="seats">Asks the seat of a call; everything else is above it.</param>
    /// <param name="budgets">Money.</param>
    /// <param name="late">Decisions that come after a call.</param>
    /// <param name="limiter">Shared by all nodes.</param>
    /// <param name="circuits">Of this node.</param>
    /// <param name="timeouts">For the length of leases.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">For what could not be booked.</param>
    internal ModelPipeline(IChatClient seats, Budgets budgets, LateDecisions late, RateLimiter limiter, Circuits circuits, ModelTimeouts timeouts, TimeProvider time, ILogger<BudgetChat> log) => Chat =
        new TelemetryChat(
            new BudgetChat(
                new PromptLayout(
                    new FailoverChat(
                        new RateLimitChat(
                            new RetryChat(
                                new SeatWork(seats, time),
                                time, Random.Shared.NextDouble),
                            limiter, time),
                        circuits, time)),
                budgets, new TenantLimits(limiter), late, timeouts, time, log),
            time);

    /// <summary>Its options must carry a <see cref="ModelCall"/>.</summary>
    internal IChatClient Chat { get; }
}
