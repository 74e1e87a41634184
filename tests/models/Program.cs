using Parley.Testkit.Models;

var port = 5199;
var (first, between) = (300, 25);
for (var i = 0; i < args.Length; i++)
{
    int Value() => i + 1 < args.Length && int.TryParse(args[++i], out var number) && number >= 0 ? number : throw new ArgumentException($"{args[i]} needs a number.");
    try
    {
        switch (args[i])
        {
            case "--port": port = Value(); break;
            case "--first-token-ms": first = Value(); break;
            case "--token-ms": between = Value(); break;
            default:
                Console.Error.WriteLine("./parley dev models [--port 5199] [--first-token-ms 300] [--token-ms 25]");
                return args[i] is "--help" or "-h" ? 0 : 2;
        }
    }
    catch (ArgumentException e)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
}

ModelsDouble models;
try
{
    models = await ModelsDouble.StartAsync(new ModelsDoubleOptions { Port = port, FirstToken = TimeSpan.FromMilliseconds(first), BetweenTokens = TimeSpan.FromMilliseconds(between) });
}
catch (IOException)
{
    Console.Error.WriteLine($"Port {port} is taken. Choose another: ./parley dev models --port {port + 1}");
    return 1;
}
await using var running = models;
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
using var term = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, context => { context.Cancel = true; stop.Cancel(); });
var host = new Uri(models.Address).Authority;
Console.WriteLine($"""
    Models on loopback: providers' protocols, answers by rule, no keys, no cost. Not part of the product. Ctrl-C ends it.

      account's provider    base URL                                model names: any; these do more
      anthropic             {models.Address}/anthropic
      openai                {models.Address}/openai/v1        gpt…: chat; any: embeddings (256 numbers, or as asked)
      openai-compatible     {models.Address}/openai/v1        any without "gpt"
      voyage                {models.Address}/voyage/v1        …multimodal…: texts with images
      cohere                {models.Address}/cohere
      jina                  {models.Address}/jina/v1
      tei                   {models.Address}/tei

    The key is anything. Parley calls private addresses only where its operator allows them, so start it with:
      PARLEY_PRIVATE_HOSTS={host} ./parley up

    Answers are sentences of the passages in the prompt, with citations; "call NAME JSON" calls a tool; POST {models.Address}/control/script writes the next answer.
    Batches: {models.Address}/anthropic and /openai/v1 take them too; "batch;polls=3" in the base URL makes them slow (see DoubleBatch for what else can go wrong).
    Faults: in the base URL ({models.Address}/~429;retry-after=7/anthropic), behind a model's name (large!529), or for the next calls:
      curl {models.Address}/control/faults -H 'content-type: application/json' -d '["stall", "500"]'
      {string.Join(", ", Fault.Names)}
    """);
await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
return 0;
