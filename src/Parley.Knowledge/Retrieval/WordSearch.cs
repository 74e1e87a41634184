namespace Parley.Knowledge.Retrieval;

/// <summary>A search by words that has not become a result yet: the vector of its question may still be on the way.</summary>
/// <param name="Query">With slips of the finger undone.</param>
/// <param name="AsWritten">The text as it came.</param>
/// <param name="Terms">All that was searched, with what was lent.</param>
/// <param name="Asked">The question's own words.</param>
/// <param name="Factors">What lists of phrasings are multiplied by.</param>
/// <param name="Ranked">Documents, best first.</param>
internal sealed record WordSearch(RetrievalQuery Query, string AsWritten, QueryTerms Terms, List<QueryTerm> Asked, (int Document, float Factor)[] Factors, List<(int Document, float Score)> Ranked);
