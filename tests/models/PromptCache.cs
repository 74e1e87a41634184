using System.Security.Cryptography;
using System.Text;

namespace Parley.Testkit.Models;

/// <summary>Prompt caches that really match beginnings, by the two rules that providers have.</summary>
/// <remarks>
/// Anthropic: up to a mark, at least 1,024 tokens, five minutes from the last use (https://platform.claude.com/docs/en/build-with-claude/prompt-caching).
/// OpenAI: the longest common beginning with an earlier prompt, at least 1,024 tokens, in steps of 128 (https://developers.openai.com/api/docs/guides/prompt-caching).
/// Each key has its own.
/// </remarks>
internal sealed class PromptCache(TimeProvider time)
{
    private const int Minimum = 1024;
    private const int Step = 128;
    private const int Remembered = 200;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _marked = [];
    private readonly List<(string Scope, string Text, DateTimeOffset Until)> _prompts = [];

    /// <summary>How many tokens are read, and how many written, of a prompt with marks.</summary>
    internal (int Read, int Written) Marked(string scope, IReadOnlyList<(string Text, bool Marked)> blocks)
    {
        lock (_lock)
        {
            var (tokens, read, last) = (0, 0, 0);
            var prefix = new StringBuilder(scope);
            foreach (var (text, marked) in blocks)
            {
                prefix.Append('\u001e').Append(text);
                tokens += Words.Tokens(text);
                if (!marked || tokens < Minimum)
                {
                    continue;
                }
                var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(prefix.ToString())));
                if (_marked.TryGetValue(key, out var until) && until > time.GetUtcNow())
                {
                    read = tokens;
                }
                last = tokens;
                _marked[key] = time.GetUtcNow() + Life;
            }
            return (read, last - read);
        }
    }

    /// <summary>How many tokens of a prompt without marks are read.</summary>
    internal int Automatic(string scope, IReadOnlyList<(string Text, bool Marked)> blocks)
    {
        var prompt = string.Join('\u001e', blocks.Select(block => block.Text));
        lock (_lock)
        {
            var now = time.GetUtcNow();
            _prompts.RemoveAll(each => each.Until <= now);
            var common = _prompts.Where(each => each.Scope == scope).Select(each => Common(each.Text, prompt)).DefaultIfEmpty(0).Max() / 4;
            _prompts.Add((scope, prompt, now + Life));
            if (_prompts.Count > Remembered)
            {
                _prompts.RemoveAt(0);
            }
            return common >= Minimum ? Math.Min(common, blocks.Sum(block => Words.Tokens(block.Text))) / Step * Step : 0;
        }
    }

    private static int Common(string a, string b) => a.AsSpan().CommonPrefixLength(b);
}
