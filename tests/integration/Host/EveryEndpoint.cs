using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Parley.Host.Isolation;
using Parley.Identity;
using Parley.Testkit;

namespace Parley.Tests.Integration.Host;

/// <summary>A request to each endpoint of the running application that would succeed, made as the isolation proof makes them.</summary>
internal sealed class EveryEndpoint(ParleyHost host) : IDisposable
{
    private Recipes? _recipes;

    internal ProofClient Client { get; } = new(host.Address);

    /// <summary>Whether a reply is one that the request may have.</summary>
    internal bool IsFine(EndpointCase endpoint, Reply reply) => reply.IsSuccess || _recipes!.Of(endpoint).AlsoFine.Contains(reply.Status);

    internal static Task<ParleyHost> StartAsync(PostgresFixture postgres) => ParleyHost.StartAsync(postgres, services =>
    {
        IsolationProof.LiftLimits(services);
        services.Configure<IdentityOptions>(options => options.PasswordIterations = 1000);
    });

    internal async Task<IReadOnlyList<(EndpointCase Endpoint, Call Call, Credential Who)>> RequestsAsync(Func<EndpointCase, bool> concerns)
    {
        var all = new EndpointReader(host.Services).Read(host.Services.GetRequiredService<EndpointDataSource>().Endpoints);
        var people = new People(Client, host.Services);
        var proof = new IsolationProof(host.Services, host.Address);
        var (mine, inviter) = (await proof.PartyAsync(people, Client, default), await proof.PartyAsync(people, Client, default));
        _recipes = new Recipes(Client, inviter);
        var preparation = new Preparation(Client, people, _recipes);
        preparation.Know(all);
        foreach (var kind in all.SelectMany(preparation.SlotsOf).Select(slot => slot.Kind).Where(kind => !Kinds.IsCursor(kind)).Distinct())
        {
            await mine.MakeAsync(kind, default);
            await mine.KeptAsync(kind, default);
        }
        var requests = new List<(EndpointCase, Call, Credential)>();
        foreach (var endpoint in all.Where(concerns))
        {
            foreach (var caller in endpoint.Callers)
            {
                if (caller == EndpointCase.Kind.EndUser && preparation.SlotsOf(endpoint).Any(slot => Kinds.IsCursor(slot.Kind)))
                {
                    // A cursor can only be given where a list has a second page.
                    await mine.SpeakAsync(default);
                    await mine.SpeakAsync(default);
                }
                var (call, who) = await preparation.RequestAsync(endpoint, caller, mine, who: null, swapped: null, default);
                requests.Add((endpoint, call, who));
            }
        }
        return requests;
    }

    public void Dispose() => Client.Dispose();
}
