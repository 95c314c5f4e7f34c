// Who may be given rights: the words are shared with those who hear of them.
export {
  EVERYONE,
  maintainersOf,
  memberOf,
  ownersOf,
  PRINCIPAL_KINDS,
  principalsOf,
  type Member,
  type PrincipalKind,
} from '@weft/contracts';
