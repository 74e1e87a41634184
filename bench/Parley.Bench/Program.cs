using Parley.Bench;

var command = args.FirstOrDefault();
var rest = args.Skip(1).ToArray();
return command switch
{
    "retrieval" => RetrievalBench.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Parley.Bench retrieval [--json] [--sets NAME,NAME]");
    return 2;
}
