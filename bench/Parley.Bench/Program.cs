using Parley.Bench;

var command = args.FirstOrDefault();
var rest = args.Skip(1).ToArray();
return command switch
{
    "retrieval" => RetrievalBench.Run(rest),
    "turn" => await TurnBench.RunAsync(rest, CancellationToken.None),
    "server" => await ServerBench.RunAsync(rest, CancellationToken.None),
    "answers" => AnswersBench.Run(rest),
    "followups" => FollowUpBench.Run(rest),
    "languages" => LanguagesBench.Run(rest),
    "index" => IndexBench.Run(rest),
    "support" => SupportBench.Run(rest),
    "readers" => await ReadersBench.RunAsync(rest),
    "ablation" => AblationBench.Run(),
    "models" => await ModelsBench.RunAsync(rest, CancellationToken.None),
    "cost" => CostBench.Run(rest),
    "ask" => AskBench.Run(rest),
    "transcripts" => await TranscriptsBench.RunAsync(rest, CancellationToken.None),
    "vectors" => VectorBench.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: ./parley bench retrieval|answers [--json] [--sets NAME,NAME] | vectors [--json] [--small] | transcripts [--json] [--messages N] | ablation | cost [--json] [--cached 0..1] | ask FOLDER QUESTION | turn [--json] [--seconds N] [--concurrency 1,50,200] | server [--json] | models [--json] [--calls N] | readers [--json] [--small] [--files NAME,NAME]");
    return 2;
}
