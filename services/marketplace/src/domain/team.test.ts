import { describe, expect, it } from 'vitest';
import {
  joinTeamProblems,
  MAX_TEAM_MEMBERS,
  MAX_TEAMS,
  MAX_TEAMS_OF_USER,
  moreTeamsProblems,
  teamProblems,
} from './team.js';

describe('a team', () => {
  it('has a name of 1 to 100 characters and a bounded description', () => {
    expect(teamProblems({ name: 'x'.repeat(100), description: 'two\nlines' })).toEqual([]);
    const refused = teamProblems({ name: 'x'.repeat(101), description: 'x'.repeat(4_001) });
    expect(refused).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'name'] },
      { code: 'BAD_USER_INPUT', path: ['input', 'description'] },
    ]);
    expect(refused[0]?.message).toContain('1 to 100 characters');
    expect(teamProblems({ name: '', description: '' })).toHaveLength(1);
  });

  it('is one of so many, has so many members, and its members so many teams', () => {
    expect(moreTeamsProblems(MAX_TEAMS - 1)).toEqual([]);
    expect(moreTeamsProblems(MAX_TEAMS)).toMatchObject([{ code: 'CONFLICT' }]);
    expect(joinTeamProblems(MAX_TEAM_MEMBERS - 1, MAX_TEAMS_OF_USER - 1)).toEqual([]);
    expect(joinTeamProblems(MAX_TEAM_MEMBERS, 0)).toMatchObject([
      { message: expect.stringContaining('A team') as string },
    ]);
    expect(joinTeamProblems(0, MAX_TEAMS_OF_USER)).toMatchObject([
      { message: expect.stringContaining('A user') as string },
    ]);
  });
});
