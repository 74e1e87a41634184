using Parley.Bench;

var command = args.FirstOrDefault();
var rest = args.Skip(1).ToArray();
return command switch
{
    "retrieval" => RetrievalBench.Run(rest),
    "turn" => await TurnBench.RunAsync(rest, CancellationToken.None),
    "server" => await ServerBench.RunAsync(rest, CancellationToken.None),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: ./parley bench retrieval [--json] [--sets NAME,NAME] | turn [--json] [--seconds N] [--concurrency 1,50,200] | server [--json]");
    return 2;
}
